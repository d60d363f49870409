// Filters the status table and the sections; without scripts everything is shown.
(function () {
  var needle = document.getElementById("needle"), kind = document.getElementById("kind"), only = document.getElementById("only");
  function apply() {
    var text = needle.value.toLowerCase();
    document.querySelectorAll("#status tbody tr").forEach(function (row) {
      var shown = row.textContent.toLowerCase().indexOf(text) >= 0 && (!kind.value || row.dataset.kind === kind.value) &&
        (!only.checked || row.dataset.fine === "no");
      row.hidden = !shown;
      document.getElementById(row.dataset.id).hidden = !shown;
    });
  }
  [needle, kind, only].forEach(function (control) { control.addEventListener("input", apply); });
}());
