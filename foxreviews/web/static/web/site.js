/* What pages gain by JavaScript: suggestions by keyboard, copy buttons, and lists that change in place (htmx).
   All of them work without it. */
"use strict";
(() => {
  const input = document.getElementById("q");
  const box = document.getElementById("suggestions");
  const told = document.getElementById("told");
  let chosen = -1;

  const options = () => [...box.querySelectorAll("[role=option]")];

  function close() {
    box.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(place) {
    const all = options();
    chosen = place < -1 ? all.length - 1 : place >= all.length ? -1 : place;
    all.forEach((each, n) => each.setAttribute("aria-selected", String(n === chosen)));
    if (chosen < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    }
  }

  function go(option) {
    window.location.assign(option.dataset.url);
  }

  if (input && box) {
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", "suggestions");
    input.setAttribute("aria-expanded", "false");

    document.body.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target !== box) return;
      const count = options().length;
      if (!count || document.activeElement !== input || !input.value.trim()) {
        close();
        return;
      }
      chosen = -1;
      box.hidden = false;
      input.setAttribute("aria-expanded", "true");
      input.removeAttribute("aria-activedescendant");
      told.textContent = `${count} ${input.dataset.found}`;
    });

    input.addEventListener("keydown", (event) => {
      if (box.hidden) return;
      if (event.key === "ArrowDown") choose(chosen + 1);
      else if (event.key === "ArrowUp") choose(chosen - 1);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && chosen >= 0) go(options()[chosen]);
      else return;
      event.preventDefault();
    });
    input.addEventListener("input", () => {
      if (!input.value.trim()) close();
    });
    input.addEventListener("blur", close);
    // Before the field loses the focus, and the list with it
    box.addEventListener("mousedown", (event) => event.preventDefault());
    box.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) go(option);
    });
  }

  // A list that changed in place: the search box says what it is of, and the keyboard goes on from its beginning.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "check") document.getElementById("check").focus();
    const list = document.getElementById("list");
    if (!list || event.detail.target === box) return;
    if (input) input.value = new URLSearchParams(window.location.search).get("q") || "";
    list.focus({ preventScroll: true });
  });
  // What fails in place is shown as the page that it is.
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.target !== box) window.location.assign(event.detail.pathInfo.finalRequestPath);
  });

  // Back and forward keep the place. A step to a list that was changed in place loads it again (htmx), and the browser
  // would begin at its top.
  const { history } = window;
  let isLeaving = false;
  const keepPlace = () => history.replaceState({ ...history.state, place: window.scrollY }, "");
  document.body.addEventListener("htmx:beforeHistoryUpdate", keepPlace);
  document.addEventListener("scrollend", () => { if (history.state?.htmx && !isLeaving) keepPlace(); });
  window.addEventListener("popstate", (event) => {
    if (!event.state?.htmx) return;
    isLeaving = true;
    history.scrollRestoration = "manual";
    window.sessionStorage.setItem("place", event.state.place || 0); // htmx writes a state of its own over this one
  });
  if (history.scrollRestoration === "manual") {
    window.scrollTo(0, Number(window.sessionStorage.getItem("place")));
    window.addEventListener("load", () => window.setTimeout(() => { history.scrollRestoration = "auto"; }));
  }

  if (navigator.clipboard) {
    document.documentElement.classList.add("copies"); // shown where their room is kept: nothing moves
    document.addEventListener("click", async (event) => {
      const button = event.target.closest("[data-copy]");
      if (!button) return;
      await navigator.clipboard.writeText(button.dataset.copy);
      const word = button.firstChild;
      const before = word.data;
      word.data = "✓";
      told.textContent = button.dataset.copy;
      window.setTimeout(() => { word.data = before; }, 1500);
    });
  }
})();
