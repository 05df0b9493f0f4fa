(() => {
"use strict";
// Hides what the filters leave out; everything stands in the page already, and works without this script.
const form = document.getElementById("filters");
const shown = document.getElementById("shown");
const articles = [...document.querySelectorAll("article")].map((node) => ({
  node, language: node.dataset.language, group: node.dataset.group, alone: node.dataset.alone === "1", text: "",
}));

function fits(article, wanted) {
  if (wanted.language && article.language !== wanted.language) return false;
  if (wanted.group && article.group !== wanted.group) return false;
  if (wanted.alone && !article.alone) return false;
  if (!wanted.words) return true;
  article.text ||= article.node.textContent.toLowerCase();
  return article.text.includes(wanted.words);
}

function filter() {
  const given = new FormData(form);
  const wanted = {
    language: given.get("language"), group: given.get("group"), alone: given.has("alone"),
    words: given.get("words").trim().toLowerCase(),
  };
  let count = 0;
  const left = new Map();
  for (const article of articles) {
    const fitting = fits(article, wanted);
    article.node.hidden = !fitting;
    count += fitting;
    const cause = article.node.closest("details.cause");
    left.set(cause, (left.get(cause) || 0) + fitting);
  }
  for (const [cause, number] of left) {
    cause.hidden = number === 0;
    document.querySelector(`tr[data-cause="${cause.id}"]`).hidden = number === 0;
    const all = cause.querySelectorAll("article").length;
    cause.querySelector(".left").textContent = number < all ? `${number} shown of ` : "";
  }
  for (const section of document.querySelectorAll("section.group")) {
    const any = section.querySelector("details.cause:not([hidden])") !== null;
    section.hidden = !any;
    document.querySelector(`tbody[data-group="${section.dataset.group}"]`).hidden = !any;
  }
  shown.textContent = `${count} of ${articles.length} misses`;
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
// A link to a cause or a report opens it.
function open() {
  const goal = location.hash && document.getElementById(location.hash.slice(1));
  if (goal && goal.tagName === "DETAILS") { goal.open = true; goal.scrollIntoView(); }
}
addEventListener("hashchange", open);
open();
})();
