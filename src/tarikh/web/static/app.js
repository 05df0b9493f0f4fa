// The pages' one script. Every page works without it; it makes the filter answer at once, draws the map, and lights words.

import htmx from "./vendor/htmx.mjs";
import { startEvidence } from "./evidence.js";
import { startFilter } from "./filter.js";
import { startTrends } from "./trends.js";

const token = document.querySelector('meta[name="tarikh-token"]')?.content ?? "";
const pageRequests = (event) => {
  const request = event.detail?.ctx?.request;
  if (request?.headers) request.headers["X-Tarikh-Token"] = token;
};
document.addEventListener("htmx:config:request", pageRequests);

document.addEventListener("click", (event) => {
  const closing = event.target.closest("[data-close]");
  if (closing) document.querySelector(closing.dataset.close)?.replaceChildren();
});

// The list keeps the way back to it, with its filter.
const back = document.querySelector("[data-back]");
const kept = sessionStorage.getItem("tarikh-list");
if (back && kept?.startsWith("/?")) back.href = kept;
const keep = () => {
  const results = document.querySelector("#results[data-query]");
  if (results) sessionStorage.setItem("tarikh-list", results.dataset.query ? `/?${results.dataset.query}` : "/");
};
keep();
document.addEventListener("htmx:after:swap", keep);

if (document.querySelector("[data-review]")) import("./review.js").then((review) => review.startReview());
startEvidence();
startFilter();
if (document.querySelector(".add-page")) import("./add.js").then((add) => add.startAdd());
startTrends();
if (document.querySelector("#map")) {
  import("./map.js").then((map) => map.startMap(htmx)).catch((error) => {
    console.warn("no map:", error);
    document.querySelector(".map-none").hidden = false;
  });
}
