"use strict";
// Everything below is a convenience: without it the page reads and prints the same, and a number's key
// shows as its title. Nothing is stored and nothing is fetched.
const $ = (id) => document.getElementById(id);
const root = document.documentElement;

const theme = $("theme");
theme.hidden = false;
theme.addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

// A region that scrolls is a stop for the keyboard; one that does not is none.
const regions = document.querySelectorAll(".scroll, pre");
const reach = () => regions.forEach((region) => {
  const wide = region.scrollWidth > region.clientWidth;
  region.tabIndex = wide ? 0 : -1;
  region.classList.toggle("wide", wide && region.matches(".scroll"));
});
addEventListener("resize", reach);
reach();

addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));

const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
  if (!isIntersecting) return;
  links.forEach((link) => link.removeAttribute("aria-current"));
  links.get(target.dataset.anchor)?.setAttribute("aria-current", "true");
}), { rootMargin: "-15% 0px -80% 0px" });
document.querySelectorAll(".sheet").forEach((sheet) => seen.observe(sheet));

const card = $("fact-card");
if (card?.showPopover) {
  let shown = null;
  const quoted = (key) => (/^[\w@%+=:,./-]+$/.test(key) ? key : `'${key.replaceAll("'", "'\\''")}'`);

  const place = (fact) => {
    const mark = fact.getBoundingClientRect();
    const below = mark.bottom + 8 + card.offsetHeight <= innerHeight || mark.top < card.offsetHeight + 8;
    const left = Math.max(12, Math.min(mark.left, root.clientWidth - card.offsetWidth - 12));
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${scrollY + (below ? mark.bottom + 8 : mark.top - card.offsetHeight - 8)}px`;
  };

  const open = (fact) => {
    $("fact-value").textContent = fact.value;
    $("fact-key").textContent = fact.dataset.fact;
    $("fact-hash").textContent = fact.dataset.hash;
    $("fact-command").textContent = `survey-kpi trace ${quoted(fact.dataset.fact)}`;
    $("fact-status").textContent = "";
    if (card.matches(":popover-open")) card.hidePopover();
    card.showPopover();
    place(fact);
    shown?.classList.remove("shown");
    shown = fact;
    shown.classList.add("shown");
    $("fact-copy").focus({ preventScroll: true });
  };

  const copy = async () => {
    const command = $("fact-command");
    try {
      await navigator.clipboard.writeText(command.textContent);
    } catch {
      getSelection().selectAllChildren(command);
      document.execCommand("copy");
    }
    $("fact-status").textContent = $("fact-copy").dataset.done;
  };

  document.querySelectorAll(".fact").forEach((fact) => {
    fact.setAttribute("role", "button");
    fact.setAttribute("aria-haspopup", "dialog");
  });
  document.querySelectorAll(".hint").forEach((hint) => { hint.hidden = false; });
  root.classList.add("traceable");
  document.addEventListener("click", ({ target }) => { const fact = target.closest(".fact"); if (fact) open(fact); });
  document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches(".fact")) return;
    event.preventDefault();
    open(event.target);
  });
  card.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed" || !shown) return;
    const back = card.contains(document.activeElement) || document.activeElement === document.body;
    shown.classList.remove("shown");
    if (back) shown.focus({ preventScroll: true });
    shown = null;
  });
  $("fact-copy").addEventListener("click", copy);
  $("fact-close").addEventListener("click", () => card.hidePopover());
}
