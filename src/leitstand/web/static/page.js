// What every page does with keys: one table (keys.toml, sent with the page), one handler per action.

export const data = JSON.parse(document.getElementById("page-data").textContent);
export const texts = data.texts;
export const say = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

export const announce = (text) => {
  document.getElementById("status").textContent = text;
};

const go = (address) => () => location.assign(address);

const rows = () => [...document.querySelectorAll("[data-row] a.subject")];
const step = (by) => () => {
  const all = rows();
  const place = all.indexOf(document.activeElement);
  all[Math.max(0, Math.min(all.length - 1, place + by))]?.focus();
};

export const actions = {
  sheet: () => document.getElementById("keys").showModal(),
  leave: () => document.activeElement?.blur(),
  go_inbox: go("/inbox"),
  go_control_room: go("/"),
  go_cases: go("/cases"),
  search: () => document.querySelector("input[type=search]").focus(),
  row_down: step(1),
  row_up: step(-1),
  row_open: () => (rows().find((row) => row === document.activeElement) ?? rows()[0])?.click(),
};

const table = new Map(data.keys.map(({ action, key }) => [key, action]));
let first = "";

const strokeOf = (event) => {
  const letter = event.key.length === 1;
  if (letter && event.shiftKey && /\p{L}/u.test(event.key)) return "";
  return (event.ctrlKey || event.metaKey ? "mod+" : "") + (letter ? event.key.toLowerCase() : event.key);
};

const actionOf = (stroke) => {
  const sequence = `${first} ${stroke}`.trim();
  first = [...table.keys()].some((key) => key.startsWith(`${stroke} `)) ? stroke : "";
  if (/^[1-9]$/.test(stroke) && table.has("1-9")) return table.get("1-9");
  return table.get(sequence) ?? table.get(stroke);
};

const rests = (event, stroke) => {
  // A held key never decides a stack of cases; a field gets its letters; a link or button keeps its Enter.
  if (!stroke || event.repeat || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return true;
  if (stroke === "Escape" || stroke.startsWith("mod+")) return false;
  if (event.target.closest("input, textarea, select")) return true;
  return stroke === "Enter" && event.target.closest("a, button, summary") !== null;
};

document.addEventListener("keydown", (event) => {
  const stroke = strokeOf(event);
  if (rests(event, stroke)) return;
  const action = actionOf(stroke);
  if (!action || !actions[action]) return;
  event.preventDefault();
  actions[action](stroke);
});

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("button[type=button][data-action]");
  if (pressed) actions[pressed.dataset.action]("");
});

document.documentElement.classList.add("script");
