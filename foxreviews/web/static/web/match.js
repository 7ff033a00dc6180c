/* The page that matches a list: lines are matched a few at a time, and reviewed by keyboard. The table is a form with
   radio buttons, which is sent to be written as a file: without this script it works as well. */
"use strict";
(() => {
  const given = document.getElementById("given");
  if (given) {
    given.elements.progress.disabled = false;
    // A server does not read what is too large, so it is said here.
    const check = () => {
      const { liste, fichier } = given.elements;
      const file = fichier.files[0];
      const isLarge = (bytes) => (bytes > Number(given.dataset.bytes) ? given.dataset.large : "");
      fichier.setCustomValidity(file ? isLarge(file.size) : "");
      liste.setCustomValidity(file ? "" : isLarge(new Blob([liste.value]).size));
    };
    given.addEventListener("input", check);
    check();
  }

  const table = document.getElementById("matched");
  if (!table) return;
  const told = document.getElementById("told");
  const form = document.getElementById("review");
  const start = document.getElementById("start");
  const MAX_TRIES = 30;
  let isUnsaved = false;

  const rows = () => [...table.querySelectorAll("tr[data-number]")].filter((row) => row.getClientRects().length);
  const state = (row) => {
    const chosen = row.querySelector("input:checked");
    return !chosen ? "review" : chosen.value === "0" ? "none" : "accept";
  };

  function count() {
    const found = { accept: 0, review: 0, none: 0 };
    for (const row of table.querySelectorAll("tr[data-number]")) found[state(row)] += 1;
    for (const [name, number] of Object.entries(found)) {
      document.querySelector(`[data-count=${name}]`).textContent = number.toLocaleString(document.documentElement.lang);
    }
  }

  /* Progress */
  const pause = (seconds) => new Promise((resolve) => { window.setTimeout(resolve, 1000 * seconds); });

  async function ask(lot) {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const answer = await fetch(table.dataset.lines, { method: "POST", body: new URLSearchParams({ lot }) });
      if (answer.ok) return answer.text();
      const wait = Number(answer.headers.get("Retry-After"));
      if (answer.status !== 429 || !wait) break;
      told.textContent = table.dataset.wait;
      await pause(wait);
    }
    throw new Error("no answer");
  }

  async function run() {
    const bar = document.getElementById("bar");
    const failed = document.getElementById("failed");
    failed.hidden = true;
    table.setAttribute("aria-busy", "true");
    try {
      for (let body; (body = table.querySelector("tbody[data-waiting]"));) {
        const lines = Number(body.dataset.waiting);
        body.outerHTML = await ask(body.querySelector("[name=lot]").value);
        bar.value += lines;
        document.getElementById("done").textContent = bar.value.toLocaleString(document.documentElement.lang);
        count();
      }
      document.getElementById("progress").hidden = true;
      told.textContent = table.dataset.finished;
    } catch {
      failed.hidden = false; // what is matched can be reviewed and taken home
    }
    ready();
    table.removeAttribute("aria-busy");
  }

  function ready() {
    document.getElementById("keys").hidden = false;
    start.hidden = false;
    for (const button of form.querySelectorAll(".download")) button.disabled = false;
    const all = rows();
    all.forEach((row, at) => { row.tabIndex = at ? -1 : 0; });
  }

  /* Review: one line has the focus, and the keys are those of that line. */
  function go(row) {
    if (!row) return;
    for (const other of table.querySelectorAll("tr[tabindex='0']")) other.tabIndex = -1;
    row.tabIndex = 0;
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
  }

  function next(row) {
    const all = rows();
    const behind = all.slice(all.indexOf(row) + 1);
    return behind.find((each) => state(each) === "review") || all.find((each) => state(each) === "review");
  }

  function pick(row, key) {
    const option = row.querySelector(`input[data-key="${key}"]`);
    if (option) {
      option.checked = true;
      option.dispatchEvent(new Event("change", { bubbles: true }));
      const name = option.closest("label").querySelector("bdi");
      told.textContent = `${table.dataset.line} ${row.dataset.number}: ${name ? name.textContent : table.dataset.refused}`;
    }
    go(next(row) || row);
  }

  table.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr[data-number]");
    if (!row || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("a")) return;
    const all = rows();
    const at = all.indexOf(row);
    const isOnRow = event.target === row;
    const { key } = event;
    if (key === "j" || (key === "ArrowDown" && isOnRow)) go(all[at + 1]);
    else if (key === "k" || (key === "ArrowUp" && isOnRow)) go(all[at - 1]);
    else if (key === "Enter" && !isOnRow) go(next(row) || row); // what is chosen by hand stays
    else if (["Enter", "1", "2", "n"].includes(key)) pick(row, key);
    else return;
    event.preventDefault();
  });

  table.addEventListener("change", (event) => {
    const row = event.target.closest("tr[data-number]");
    if (!row) return;
    const tag = row.querySelector(".tag");
    tag.textContent = event.target.value === "0" ? table.dataset.refused : table.dataset.chosen;
    tag.className = event.target.value === "0" ? "tag" : "tag active";
    isUnsaved = true;
    count();
  });

  start.addEventListener("click", () => {
    const all = rows();
    go(all.find((row) => state(row) === "review") || all[0]);
  });
  form.addEventListener("submit", () => { isUnsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (isUnsaved) event.preventDefault(); });

  if (document.getElementById("progress")) {
    for (const button of form.querySelectorAll(".download")) button.disabled = true;
    document.getElementById("again").addEventListener("click", run);
    run();
  } else {
    ready();
  }
})();
