/// Style and script of the status page. Nothing comes from elsewhere, nothing stands in the page itself.
package enum StatusAssets {
    /// Only what this listener serves; no frames, no forms, no other origin.
    package static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'"

    package static let style = """
        :root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6675; --paper: #f6f7f9; --card: #fff; --line: #dde2e8;
          --bad: #b3261e; --bad-paper: #fce8e6; --warn: #8a5300; --warn-paper: #fdf0d8; --busy: #0b5cad;
          --busy-paper: #e3effb; --bar: #4a7fb5; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e3e7ec; --soft: #9aa5b3; --paper: #12161b; --card: #1a2027;
          --line: #2c343e; --bad: #ff8a80; --bad-paper: #3b1715; --warn: #f2b866; --warn-paper: #33260f; --busy: #86bdf5;
          --busy-paper: #14293f; --bar: #5d95cf; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
        main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
        h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
        h1 small { color: var(--soft); font-size: .9rem; font-weight: 400; margin-left: .4rem; }
        h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
        .chips { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem; margin: 0 0 1.2rem; padding: 0; }
        .chip { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .82rem; font-weight: 500;
          border: 1px solid var(--line); color: var(--soft); white-space: nowrap; }
        .chip.bad { color: var(--bad); background: var(--bad-paper); border-color: var(--bad); }
        .chip.warn { color: var(--warn); background: var(--warn-paper); border-color: var(--warn); }
        .chip.busy { color: var(--busy); background: var(--busy-paper); border-color: var(--busy); }
        section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem;
          margin: 0 0 1rem; }
        .reason { color: var(--bad); background: var(--bad-paper); padding: .5rem .7rem; border-radius: .4rem;
          margin: 0 0 .7rem; overflow-wrap: anywhere; white-space: pre-line; }
        .note { color: var(--soft); margin: 0 0 .6rem; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; min-width: 56rem; table-layout: fixed;
          font-variant-numeric: tabular-nums; }
        th:nth-child(1) { width: 19%; } th:nth-child(2) { width: 14%; } th:nth-child(8) { width: 160px; }
        tbody th { overflow-wrap: anywhere; white-space: normal; }
        th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-top: 1px solid var(--line); white-space: nowrap;
          font-weight: 400; vertical-align: middle; }
        thead th { border-top: 0; color: var(--soft); font-size: .8rem; }
        th.n, td.n { text-align: right; }
        td.bad { color: var(--bad); font-weight: 600; }
        tr.error td, tr.doubt td { border-top: 0; color: var(--warn); font-size: .88rem; white-space: normal;
          padding-top: 0; overflow-wrap: anywhere; }
        svg { display: block; border-bottom: 1px solid var(--line); }
        rect.good { fill: var(--bar); }
        rect.failed { fill: var(--bad); }
        footer { color: var(--soft); font-size: .85rem; }
        a { color: var(--busy); }

        """

    /// Takes the page anew every five seconds while somebody looks at it.
    package static let script = """
        'use strict';
        (function () {
          var busy = false;
          function refresh() {
            if (document.hidden || busy) { return; }
            busy = true;
            fetch('/', { cache: 'no-store' }).then(function (answer) {
              if (!answer.ok) { throw new Error(String(answer.status)); }
              return answer.text();
            }).then(function (text) {
              var fresh = new DOMParser().parseFromString(text, 'text/html');
              var next = fresh.getElementById('status');
              if (!next) { throw new Error('no status'); }
              document.getElementById('status').replaceWith(document.adoptNode(next));
              document.title = fresh.title;
            }).catch(function () {
              document.title = 'no answer: aitbc-connectord';
            }).then(function () { busy = false; });
          }
          setInterval(refresh, 5000);
          document.addEventListener('visibilitychange', refresh);
        }());

        """
}
