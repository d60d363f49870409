// Filter, folding by hash, copying, neighbours in the graph. Without scripts everything is there and folds by itself.
(function () {
  var items = Array.prototype.slice.call(document.querySelectorAll("details.statement"));
  var needle = document.getElementById("needle"), kind = document.getElementById("kind"), area = document.getElementById("area");
  var only = document.getElementById("only"), found = document.getElementById("found");
  function matches(item) {
    var text = needle.value.trim().toLowerCase();
    return item.querySelector("summary").textContent.toLowerCase().indexOf(text) >= 0 && (!kind.value || item.dataset.kind === kind.value) &&
      (!area.value || item.dataset.area === area.value) && (!only.checked || item.dataset.fine === "no");
  }
  function apply() {
    var count = 0;
    items.forEach(function (item) { item.hidden = !matches(item); count += item.hidden ? 0 : 1; });
    found.textContent = count ? count + " of " + items.length + " shown" : "Nothing matches: shorten the words, or clear the filter.";
  }
  function clear() { needle.value = ""; kind.value = ""; area.value = ""; only.checked = false; apply(); }
  function follow() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) { return; }
    var item = target.closest("details.statement");
    if (item && item.hidden) { clear(); }
    for (var at = target; at; at = at.parentElement) { if (at.tagName === "DETAILS") { at.open = true; } }
    target.scrollIntoView();
  }
  if (needle) {
    [needle, kind, area, only].forEach(function (control) { control.addEventListener("input", apply); });
    document.getElementById("clear").addEventListener("click", clear);
    document.getElementById("unfold").addEventListener("click", function () { items.forEach(function (item) { item.open = !item.hidden || item.open; }); });
    document.getElementById("fold").addEventListener("click", function () { items.forEach(function (item) { item.open = false; }); });
    apply();
  }
  window.addEventListener("hashchange", follow);
  document.addEventListener("click", function (event) {
    // The same link twice changes no hash, and must open its statement all the same.
    var link = event.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) { follow(); }
  });
  window.addEventListener("beforeprint", function () { items.forEach(function (item) { item.open = true; }); });
  follow();
}());
