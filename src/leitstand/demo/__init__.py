"""Where is the demo workflow? It answers help questions in German and English from 512 pages of the GNOME help."""

from pathlib import Path

FOLDER = Path(__file__).parent / "help"
QUESTIONS = FOLDER / "gold" / "questions.jsonl"
