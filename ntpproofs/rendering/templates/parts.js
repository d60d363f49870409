// Copy buttons, and the neighbours of a node of a graph.
(function () {
  function done(button) {
    if (button.dataset.word) { return; }
    button.dataset.word = button.textContent;
    // The buttons beside it stay where they are.
    button.style.minWidth = button.offsetWidth + "px";
    button.textContent = "Copied";
    window.setTimeout(function () { button.textContent = button.dataset.word; delete button.dataset.word; }, 1500);
  }
  function byHand(text, button) {
    var area = document.createElement("textarea");
    area.value = text;
    document.body.appendChild(area);
    area.select();
    if (document.execCommand("copy")) { done(button); }
    area.remove();
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button.copy");
    if (!button) { return; }
    var text = button.dataset.copy;
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).then(function () { done(button); }, function () { byHand(text, button); });
    } else { byHand(text, button); }
  });
  document.querySelectorAll("svg.graph").forEach(function (graph) {
    function mark(event, near) {
      var node = event.target.closest("a[data-node]");
      if (!node) { return; }
      graph.querySelectorAll(".edge").forEach(function (edge) {
        if (edge.dataset.from === node.dataset.node || edge.dataset.to === node.dataset.node) { edge.classList.toggle("near", near); }
      });
    }
    ["mouseover", "focusin"].forEach(function (name) { graph.addEventListener(name, function (event) { mark(event, true); }); });
    ["mouseout", "focusout"].forEach(function (name) { graph.addEventListener(name, function (event) { mark(event, false); }); });
  });
}());
