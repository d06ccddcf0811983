/** The shell of an exported page: one file, no network, its own policy; printed as it is read. */
import { embeddedJson, markup, raw, type Markup } from '../text/markup.ts'
import { verificationHash, verificationScript } from './self-check.ts'

export interface ReportPage {
  title: string
  version: string
  /** ISO 8601. */
  created: string
  body: Markup
  /** What the tables are recomputed from; without it the page has no script. */
  data?: unknown
}

/** A complete HTML file. Nothing in it is fetched; the only script that may run is the one that checks the tables. */
export function reportPage({ title, version, created, body, data }: ReportPage): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${data === undefined ? raw("'none'") : raw(`'${verificationHash}'`)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Engram Studio ${version}">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header><h1>${title}</h1>
<p class="meta">Engram Studio ${version}, ${created}</p>
${data !== undefined && markup`<p class="meta check" id="engram-verification" role="status">The tables are recomputed from the data in this file where scripts may run.</p>`}</header>
<main>
${body}
</main>
${
  data !== undefined &&
  markup`<script type="application/json" id="engram-data">${embeddedJson(data)}</script>
<script>${raw(verificationScript)}</script>`
}
</body>
</html>
`.text
}

const style = `
:root { color-scheme: light; }
body { font: 14px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 1080px; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.3rem; margin: 2.2rem 0 .5rem; border-bottom: 1px solid #ccc; padding-bottom: .25rem; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; } h4 { margin: 1rem 0 .3rem; }
h1, h2, h3, p, li { overflow-wrap: anywhere; }
.meta { color: #555; margin: .2rem 0; } .note { background: #fff4d6; padding: .5rem .8rem; border-left: 3px solid #a87400; }
.check.good { color: #1a6b3c; } .check.bad { color: #b3261e; font-weight: 600; } td.mismatch { outline: 2px solid #b3261e; }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; max-width: 100%; } figure svg { max-width: 100%; height: auto; } figcaption { color: #555; font-size: 12px; } .law { display: inline-block; margin-left: .6em; } .law math { font-size: 15px; math-style: normal; }
.wide { overflow-x: auto; width: fit-content; min-width: 100%; max-width: 100%; } table { border-collapse: collapse; margin: .8rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #555; font-size: 12px; padding-bottom: .3rem; }
th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap; } th:first-child { text-align: left; }
thead { border-top: 2px solid #1a1a1a; border-bottom: 1px solid #1a1a1a; } tbody { border-bottom: 2px solid #1a1a1a; }
.best { font-weight: 700; } .alike::after { content: "\\2020"; font-weight: 400; }
.text table th, .text table td, .checklist th, .checklist td { text-align: left; white-space: normal; vertical-align: top; }
blockquote { margin: .6rem 0; padding-left: .9rem; border-left: 3px solid #ccc; color: #444; }
code { font-family: ui-monospace, monospace; font-size: .93em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; } dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { background: #f5f5f5; padding: .8rem; overflow-x: auto; font-size: 12px; }
.open { color: #825000; font-weight: 600; }
@media screen and (min-width: 1140px) { .wide { max-width: calc(50vw + 500px); } }
@page { margin: 16mm 14mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 10pt; }
  figure, tr, caption, dl { break-inside: avoid; } h2, h3, h4, caption { break-after: avoid; }
  figure svg { max-height: 95mm; } .wide { overflow: visible; } table { font-size: 8.5pt; } th, td { padding: .2rem .4rem; white-space: normal; }
  thead { display: table-header-group; } pre { white-space: pre-wrap; overflow-wrap: anywhere; } details:not([open]) { display: none; }
}
`
