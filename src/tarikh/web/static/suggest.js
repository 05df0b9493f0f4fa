// Names that a field may mean while it is typed in: a list to choose from by arrows and Enter, or by a click.

const WAIT = 120;
let lists = 0;

/** The part of the field that is being typed: all of it, or what follows the last semicolon. */
function typed(field) {
  const start = "many" in field.dataset ? field.value.lastIndexOf(";") + 1 : 0;
  return { start, text: field.value.slice(start).trim() };
}

function put(field, value) {
  const { start } = typed(field);
  field.value = start ? `${field.value.slice(0, start)} ${value}` : value;
  field.dispatchEvent(new Event("chosen", { bubbles: true }));
}

function row(found, id, choose) {
  const line = document.createElement("li");
  const note = document.createElement("small");
  note.textContent = found.note;
  line.id = id;
  line.role = "option";
  line.append(found.name, note);
  line.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(); });
  return line;
}

class Suggestions {
  constructor(field) {
    this.field = field;
    this.list = document.createElement("ul");
    this.list.className = "rv-suggested";
    this.list.id = `suggested-${(lists += 1)}`;
    this.list.role = "listbox";
    this.list.hidden = true;
    field.after(this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) field.setAttribute(name, value);
    this.asked = 0;
    this.at = -1;
    field.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.ask(), WAIT); });
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => this.close());
  }

  async ask() {
    const { text } = typed(this.field);
    if (text.length < 2) return this.close();
    const number = (this.asked += 1);
    const address = new URL(this.field.dataset.suggest, location.href);
    address.searchParams.set("q", text.slice(0, 100));
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || number !== this.asked || document.activeElement !== this.field) return;
    this.show((await answer.json()).found);
  }

  show(found) {
    this.found = found;
    this.list.replaceChildren(...found.map((each, number) => row(each, `${this.list.id}-${number}`, () => this.choose(number))));
    this.list.hidden = !found.length;
    this.field.setAttribute("aria-expanded", String(Boolean(found.length)));
    this.mark(-1);
  }

  mark(number) {
    this.at = number;
    [...this.list.children].forEach((line, at) => { line.ariaSelected = String(at === number); });
    const line = this.list.children[number];
    if (line) this.field.setAttribute("aria-activedescendant", line.id);
    else this.field.removeAttribute("aria-activedescendant");
    line?.scrollIntoView({ block: "nearest" });
  }

  choose(number) {
    put(this.field, this.found[number].value);
    this.close();
  }

  close() {
    this.asked += 1;
    this.show([]);
  }

  key(event) {
    if (this.list.hidden) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) this.mark((this.at + steps[event.key] + this.found.length) % this.found.length);
    else if (event.key === "Enter" && this.at >= 0) this.choose(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }
}

export function startSuggestions() {
  for (const field of document.querySelectorAll("input[data-suggest]")) new Suggestions(field);
}
