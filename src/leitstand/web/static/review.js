// Review: the next case is fetched ahead and shown before the decision has reached the server. What could not be saved stays in this
// tab, is shown above the case, and guards against leaving. Nothing is kept beyond the tab.

import { actions, announce, say } from "./page.js";

const AHEAD = 2;
const SETTLE = 100; // milliseconds in which a new case takes no decision, so that one key press never decides two
const IDLE = 120; // seconds without input after which the time on the screen no longer counts
const STALE = 5000; // milliseconds after which a case fetched ahead is looked at again

const policy = window.trustedTypes?.createPolicy("leitstand", { createHTML: (html) => html }) ?? { createHTML: (html) => html };
const stage = document.getElementById("stage");
const bar = document.getElementById("outbox");
const fetched = new Map(); // case id -> {at, article: Promise}
const decided = new Set();
const outbox = [];
let shownAt = 0, seconds = 0, lastInput = 0, citation = -1;

const current = () => stage.querySelector("article.case");
const find = (selector) => current().querySelector(selector);
const ahead = () => current().dataset.ahead.split(" ").filter((id) => id && !decided.has(id));

// Cases

async function load(id) {
  const response = await fetch(`/review/${id}/case${current().dataset.query}`, { headers: { accept: "text/html" } });
  if (!response.ok) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(policy.createHTML(await response.text()), "text/html");
  return page.querySelector("article.case");
}

function fetchAhead() {
  for (const id of ahead().slice(0, AHEAD)) {
    if (!fetched.has(id)) fetched.set(id, { at: performance.now(), article: load(id).catch(() => null) });
  }
  const next = fetched.get(ahead()[0]);
  tell(next ? "loading" : "none");
  next?.article.then((article) => article && current().dataset.ahead.includes(article.dataset.case) && tell("ready"));
}

function tell(text) {
  const place = find("[data-ahead-text]");
  if (place) place.textContent = say(text);
}

async function show(id, { push = true } = {}) {
  const kept = fetched.get(id);
  fetched.delete(id);
  const article = (await kept?.article) ?? (await load(id).catch(() => null));
  if (!article) return location.assign(`/review/${id}${current().dataset.query}`);
  if (!article.dataset.waits && push && ahead().some((other) => other !== id)) {
    decided.add(id); // taken by somebody else meanwhile
    return show(ahead()[0]);
  }
  stage.replaceChildren(article);
  if (push) history.pushState({ id }, "", `/review/${id}${article.dataset.query}`);
  begin();
  if (kept && performance.now() - kept.at > STALE) look(id);
}

async function look(id) {
  const article = await load(id).catch(() => null);
  const taken = article && !article.dataset.waits && current().dataset.case === id && !decided.has(id);
  if (taken) stage.replaceChildren(article);
}

function begin() {
  shownAt = performance.now();
  [seconds, lastInput, citation] = [0, shownAt, -1];
  document.title = document.title.replace(/#\d+/, `#${current().dataset.number}`);
  window.scrollTo({ top: 0, behavior: "instant" });
  find(".case-head").focus({ preventScroll: true });
  announce(say("loaded", { n: current().dataset.number }));
  fetchAhead();
}

// Decisions

function decide(form, submitter) {
  if (performance.now() - shownAt < SETTLE || decided.has(current().dataset.case)) return;
  if (outbox.some((entry) => entry.failed)) return retry();
  const { case: id, number } = current().dataset;
  const body = new URLSearchParams(new FormData(form, submitter));
  body.set("seconds_shown", seconds);
  const entry = { id, number, address: form.action, body };
  outbox.splice(0, outbox.length, ...outbox.filter((old) => old.id !== id), entry);
  decided.add(id);
  const sent = send(entry);
  if (form.dataset.form === "edit") sent.then((saved) => (saved ? onwards() : decided.delete(id)));
  else onwards();
}

async function onwards() {
  const next = ahead()[0];
  if (next) return show(next);
  await Promise.all(outbox.map((entry) => entry.sending));
  if (!outbox.length) location.assign(`/inbox${current().dataset.query}`);
}

function send(entry) {
  entry.failed = entry.refused = "";
  entry.sending = post(entry).then((problem) => {
    if (!problem) outbox.splice(outbox.indexOf(entry), 1);
    drawOutbox();
    return !problem;
  });
  return entry.sending;
}

async function post(entry) {
  const request = { method: "POST", headers: { accept: "application/json" }, body: entry.body, keepalive: entry.body.toString().length < 60000 };
  const response = await fetch(entry.address, request).catch(() => null);
  if (response?.ok) return "";
  const answer = (await response?.json().catch(() => null)) ?? {};
  if (!response || response.status >= 500) return (entry.failed = say("unreachable"));
  showProblems(entry.id, answer.problems ?? {});
  return (entry.refused = [answer.message, answer.repair].filter(Boolean).join(" "));
}

function showProblems(id, problems) {
  if (current().dataset.case !== id) return;
  for (const old of stage.querySelectorAll(".problem")) old.remove();
  for (const [pointer, text] of Object.entries(problems)) {
    const field = [...stage.querySelectorAll(".editor [name]")].find((input) => input.name === pointer);
    const problem = Object.assign(document.createElement("p"), { className: "problem", textContent: text });
    field?.after(problem);
    field?.setAttribute("aria-invalid", "true");
  }
}

function drawOutbox() {
  const failed = outbox.filter((entry) => entry.failed);
  const lines = outbox.filter((entry) => entry.refused).map((entry) => line(`#${entry.number}: ${entry.refused}`, entry));
  if (failed.length) lines.unshift(line(`${say("unsaved", { n: failed.length })} – ${say("unreachable")}`));
  bar.replaceChildren(...lines);
  bar.hidden = lines.length === 0;
}

function line(text, entry) {
  const made = document.createElement("p");
  made.append(text, " ");
  if (!entry) made.append(button(say("retry"), retry));
  else {
    const link = Object.assign(document.createElement("a"), { href: entry.address, textContent: say("show") });
    made.append(link, " ", button(say("dismiss"), () => { outbox.splice(outbox.indexOf(entry), 1); drawOutbox(); }));
  }
  return made;
}

const button = (text, onclick) => Object.assign(document.createElement("button"), { type: "button", textContent: text, onclick });
const retry = () => outbox.filter((entry) => entry.failed).forEach(send);

// Citations

const citations = () => [...current().querySelectorAll("a.citation")];

function light(target) {
  for (const old of stage.querySelectorAll(".lit")) old.classList.remove("lit");
  const marks = [...stage.querySelectorAll(`[data-marks~="${CSS.escape(target)}"]`)];
  const lit = marks.length ? marks : [document.getElementById(target)].filter(Boolean);
  for (const part of lit) part.classList.add("lit");
  lit[0]?.scrollIntoView({ block: "center" });
}

function follow(place) {
  const links = citations();
  if (!links.length) return;
  citation = (place + links.length) % links.length;
  for (const link of links) link.classList.toggle("chosen", link === links[citation]);
  light(links[citation].dataset.citation);
  announce(say("citation", { n: links[citation].textContent.replace(/\D/g, "") }));
}

function number(digit) {
  const reasons = find("details.reject[open]")?.querySelectorAll("button[name=reason]");
  if (reasons) return reasons[digit - 1]?.click();
  const place = citations().findIndex((link) => link.textContent.replace(/\D/g, "") === digit);
  if (place >= 0) follow(place);
  else light(`source-${digit}`);
}

// Editing

function edit() {
  const editor = find("details.editor");
  if (!editor) return;
  find("details.reject").open = false;
  editor.open = true;
  const field = editor.querySelector("textarea[data-diff], textarea, input:not([type=hidden]), select");
  field?.focus();
  editor.scrollIntoView({ block: "nearest" });
}

function drawDiff(area) {
  const place = area.closest("form").querySelector(".diff");
  place.hidden = area.value === area.defaultValue;
  place.replaceChildren(...window.Diff.diffWordsWithSpace(area.defaultValue, area.value).map((part) => {
    const made = document.createElement(part.added ? "ins" : part.removed ? "del" : "span");
    made.textContent = part.value;
    return made;
  }));
}

function leave() {
  const written = find(".shown") && find("details.editor[open]"); // without a draft the editor is all there is
  const open = find("details.reject[open]") ?? written;
  if (open) open.open = false;
  else if (!document.activeElement.closest("input, textarea, select")) return location.assign(`/inbox${current().dataset.query}`);
  find(".case-head").focus({ preventScroll: true });
}

Object.assign(actions, {
  accept: () => find("button[data-action=accept]")?.click(),
  edit,
  save: () => find("details.editor[open] button[value=edit]")?.click(),
  reject: () => {
    const panel = find("details.reject");
    if (!panel) return;
    panel.open = !panel.open;
    panel.querySelector("summary").focus(); // so that Tab leads to the reasons and the note
  },
  number,
  citation_next: () => follow(citation + 1),
  citation_previous: () => follow(citation - 1),
  next: () => ahead()[0] && show(ahead()[0]),
  previous: () => history.back(),
  trail: () => location.assign(find("a[data-action=trail]").href),
  leave,
});

stage.addEventListener("submit", (event) => {
  event.preventDefault();
  decide(event.target, event.submitter);
});

stage.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link?.matches("a.citation")) {
    event.preventDefault();
    follow(citations().indexOf(link));
  } else if (link?.getAttribute("href")?.startsWith("#")) {
    event.preventDefault();
    light(link.getAttribute("href").slice(1));
  } else if (link?.dataset.action === "next") {
    event.preventDefault();
    actions.next();
  }
});

stage.addEventListener("input", (event) => {
  if (event.target.matches("[data-diff]")) drawDiff(event.target);
});

for (const kind of ["keydown", "pointermove", "pointerdown", "wheel"]) {
  document.addEventListener(kind, () => { lastInput = performance.now(); }, { passive: true });
}
setInterval(() => {
  if (document.visibilityState === "visible" && performance.now() - lastInput < IDLE * 1000) seconds += 1;
}, 1000);

window.addEventListener("popstate", (event) => event.state && show(event.state.id, { push: false }));
window.addEventListener("online", retry);
window.addEventListener("beforeunload", (event) => {
  if (outbox.some((entry) => !entry.refused)) event.preventDefault();
});

history.replaceState({ id: current().dataset.case }, "");
begin();
