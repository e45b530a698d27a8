/// The look of the page: two sets of colours, one set of rules.
enum PageStyle {
  /// All of the page's CSS, without a reference to anything outside the page.
  static let css = """
    :root{color-scheme:light dark;--page:#faf9f6;--panel:#ffffff;--ink:#1c1e21;--soft:#565b64;\
    --line:#dfddd7;--grid:#e9e7e1;--accent:#1a5a96;--bar:#4f86b8;--track:#eeece7;\
    --warn:#8a3b00;--warn-page:#fff3e3;--warn-line:#e0a45c;--good:#1c6b3f;\(Palette.variables(Palette.light))}
    @media (prefers-color-scheme:dark){:root{--page:#14161a;--panel:#1c1f25;--ink:#e9e7e3;\
    --soft:#a9adb6;--line:#33373f;--grid:#2a2e35;--accent:#8dbdf0;--bar:#5f97cc;--track:#2a2e35;\
    --warn:#ffc98a;--warn-page:#33240f;--warn-line:#8a5a1c;--good:#7ecb9c;\(Palette.variables(Palette.dark))}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
    body{margin:0;background:var(--page);color:var(--ink);\
    font:17px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
    main,header,footer,nav{max-width:1100px;margin:0 auto;padding:0 24px}
    header{padding-top:56px}
    h1{font-size:34px;line-height:1.2;font-weight:650;letter-spacing:-.015em;margin:0 0 12px;\
    overflow-wrap:anywhere}
    h2{font-size:24px;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin:0 0 8px}
    h3{font-size:16px;font-weight:650;margin:0}
    p{margin:0 0 14px;max-width:72ch}
    a{color:var(--accent);text-underline-offset:3px}
    .lead{font-size:20px;line-height:1.5;margin:0 0 8px;max-width:none}
    .soft,.note{color:var(--soft)}
    .note{font-size:15px}
    section{padding:40px 0 8px;scroll-margin-top:8px}
    nav{padding-top:20px;display:flex;flex-wrap:wrap;gap:4px 22px;font-size:15px}
    nav a{text-decoration:none}nav a:hover{text-decoration:underline}
    .warning{background:var(--warn-page);border:1px solid var(--warn-line);border-radius:10px;\
    padding:16px 20px;margin:20px 0 4px}
    .warning p{margin:0;max-width:none}.warning strong{color:var(--warn)}
    .notes{margin:14px 0 0;padding-left:20px;color:var(--soft);font-size:15px}
    .keys{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:1px;\
    margin:26px 0 0;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden}
    .keys div{background:var(--panel);padding:16px 20px}
    .keys b{display:block;font-size:26px;font-weight:600;line-height:1.25;letter-spacing:-.01em;\
    font-variant-numeric:tabular-nums}
    .keys span{color:var(--soft);font-size:14px;line-height:1.4;display:block}
    .good b{color:var(--good)}.bad b{color:var(--warn)}
    .pictures{display:grid;gap:14px 10px;margin:18px 0 0;padding:0;list-style:none}
    .pictures li{min-width:0}
    .pictures img{display:block;width:100%;height:auto;background:#fff;border:1px solid var(--line);\
    border-radius:3px}
    .pixels img{image-rendering:pixelated}
    .caption{display:flex;justify-content:space-between;gap:6px;font-size:13px;line-height:1.5;\
    color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
    .caption b{color:var(--ink);font-weight:600}
    .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:18px;margin-top:20px}
    .card,.panel{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:18px 20px}
    .card{break-inside:avoid}
    .card header{display:flex;align-items:center;gap:10px;padding:0;margin:0 0 12px;max-width:none}
    .card header span{margin-left:auto;color:var(--soft);font-size:14px}
    .swatch{display:inline-block;width:13px;height:13px;border-radius:3px;flex:none;\
    vertical-align:-1px;margin-right:8px}
    .card header .swatch{margin:0}
    .bars{list-style:none;margin:0;padding:0;font-size:14px;line-height:1.35}
    .bars li{display:grid;grid-template-columns:minmax(0,1fr) 96px 56px;gap:10px;align-items:center;\
    padding:2.5px 0}
    .bars .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
    .bars .mark .name{font-weight:650}
    .bars svg{width:96px;height:10px;display:block}
    .bars .value{text-align:right;color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
    .own{margin:0 0 12px;font-size:14px;line-height:1.6;color:var(--soft)}
    .own b{color:var(--ink);font-weight:600;overflow-wrap:anywhere}
    .structure{display:block;width:100%;height:260px;background:var(--track);border-radius:4px}
    .axis{position:relative;height:24px;font-size:13px;color:var(--soft)}
    .axis span{position:absolute;top:3px;text-align:center;overflow:hidden;text-overflow:ellipsis;\
    white-space:nowrap}
    .scroll{overflow-x:auto;margin-top:22px}.long{max-height:452px;overflow-y:auto;border:1px solid var(--line);\
    border-radius:10px;background:var(--panel);padding:0 20px}\
    .long th{position:sticky;top:0;background:var(--panel)}
    table{border-collapse:collapse;width:100%;font-size:15px;line-height:1.45}
    th{text-align:left;font-weight:600;color:var(--soft);font-size:14px;vertical-align:bottom}
    th,td{padding:8px 16px 8px 0;border-bottom:1px solid var(--line)}
    td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    td.names{color:var(--soft);font-size:14px;min-width:16ch;overflow-wrap:anywhere}
    tr:last-child td{border-bottom:0}
    .numbers td{vertical-align:top;padding-top:11px;padding-bottom:11px}
    .numbers td:nth-child(1){white-space:nowrap;font-weight:600}
    .numbers td:nth-child(2){white-space:nowrap;font-variant-numeric:tabular-nums;font-weight:600}
    .numbers td:nth-child(3){color:var(--soft)}
    .cross{width:auto}.cross td.n{padding:6px 10px}.cross th.n{padding:6px 10px}
    .cross td.most{font-weight:650}.cross td.zero{color:var(--soft)}
    .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:18px;\
    margin-top:18px}
    .charts figure{margin:0}
    figcaption{font-size:15px;margin-bottom:10px;color:var(--soft)}
    figcaption b{color:var(--ink);font-weight:600}
    .chart{display:block;width:100%;height:auto;overflow:visible}
    .chart .grid{stroke:var(--grid)}
    .chart .tick{fill:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}
    .chart .line{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
    .chart .dot{fill:var(--accent)}
    .chart .threshold{stroke:var(--soft);stroke-dasharray:5 4}
    .chart .quiet{stroke:var(--soft);stroke-width:1.5}.chart .dot.quiet{fill:var(--soft);stroke:none}
    .chart .error{stroke:var(--accent);stroke-width:1.5}
    .chart .band{fill:var(--accent);opacity:.1}.chart .ring{fill:none;stroke:var(--accent);stroke-width:2}
    .consensus{display:block;width:100%;height:auto;image-rendering:pixelated;background:#fff}
    tr.most td{font-weight:650}
    .caution{border-left:4px solid var(--warn-line);padding:2px 0 2px 20px}
    .caution ul{margin:0 0 14px;padding-left:22px;max-width:72ch}.caution p:last-child{margin-bottom:0}
    .small{gap:6px 5px;margin-top:10px}.family{margin:22px 0}.wide{margin:18px 0 0;max-width:760px}\
    .plain{list-style:none;margin:0;padding:0;font-size:15px}.plain b{margin-right:6px}\
    .intervals li{grid-template-columns:minmax(0,1fr) 64px 88px}.intervals svg{width:64px}\
    td.good b{color:var(--good)}td.bad b{color:var(--warn)}
    pre{margin:0 0 16px;padding:16px 20px;background:var(--panel);border:1px solid var(--line);\
    border-radius:10px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all;\
    -webkit-user-select:all}
    code,pre{font:14.5px/1.55 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
    button{font:inherit;font-size:14px;color:var(--accent);background:none;border:1px solid var(--line);\
    border-radius:7px;padding:4px 12px;margin:0 0 14px;cursor:pointer}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 24px;margin:0;font-size:15px}
    dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
    footer{padding-top:48px;padding-bottom:56px;color:var(--soft);font-size:14px}
    @media (max-width:640px){body{font-size:16px}header{padding-top:32px}h1{font-size:27px}\
    .lead{font-size:18px}main,header,footer,nav{padding-left:16px;padding-right:16px}\
    .pictures{grid-template-columns:repeat(auto-fill,minmax(72px,1fr)) !important}\
    .wide .chart .tick{font-size:21px}.structure{height:200px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}\
    .numbers tr,.numbers td{display:block;white-space:normal}.numbers thead{display:none}\
    .numbers td{border:0;padding:2px 0}.numbers tr{border-bottom:1px solid var(--line);padding:10px 0}}
    @media print{:root{--page:#fff;--panel:#fff}body{font-size:11pt}nav,button{display:none}\
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}\
    section{padding-top:20px}.long{max-height:none;border:0;padding:0}figure,tr,.pictures li,.keys{break-inside:avoid}h2{break-after:avoid}}
    """

  /// A button that copies the command; without scripts, a click into the block selects all of it.
  static let script = """
    document.querySelectorAll('pre.copy').forEach(function(block){\
    var button=document.createElement('button');button.type='button';button.textContent='Copy';\
    button.onclick=function(){navigator.clipboard.writeText(block.textContent)\
    .then(function(){button.textContent='Copied';setTimeout(function(){button.textContent='Copy'},1500)})};\
    if(navigator.clipboard)block.after(button)});
    """
}
