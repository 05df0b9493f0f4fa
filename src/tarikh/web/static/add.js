// Files can be dropped anywhere on the page; what is chosen is listed, and what is too much is told before it is sent.

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function list(input, page) {
  const files = [...input.files];
  const chosen = document.querySelector("#chosen");
  chosen.replaceChildren(...files.map((file) => {
    const row = document.createElement("li");
    for (const text of [file.name, size(file.size)]) row.append(Object.assign(document.createElement("span"), { textContent: text }));
    return row;
  }));
  const all = files.reduce((sum, file) => sum + file.size, 0);
  // A form has some bytes around each file.
  const large = all + 2000 * (files.length + 1) > Number(page.dataset.upload);
  const fault = large ? page.dataset.large : files.length > Number(page.dataset.most) ? page.dataset.many : "";
  const told = document.querySelector("#files-fault");
  told.textContent = fault;
  told.hidden = !fault;
  input.setCustomValidity(fault);
}

function startFiles(page) {
  const input = page.querySelector("input[type=file]");
  const drop = page.querySelector("#drop");
  input.addEventListener("change", () => list(input, page));
  const dragged = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    drop.classList.remove("over");
    input.files = event.dataTransfer.files;
    list(input, page);
    input.focus();
  });
  page.dataset.ready = "";
}

/** Says for screen readers only when the state changes, not each second. */
function startJob() {
  const told = document.querySelector("#job-told");
  let last = document.querySelector("#job-line")?.textContent;
  document.addEventListener("htmx:after:swap", () => {
    const now = document.querySelector("#job-line")?.textContent;
    if (now && now !== last) told.textContent = now;
    last = now;
  });
}

export function startAdd() {
  const page = document.querySelector("#add");
  if (page) startFiles(page);
  if (document.querySelector("#job")) startJob();
}
