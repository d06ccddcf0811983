// Loaded before anything in TypeScript: an older Node would fail on the first .ts file without saying why.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Engram Studio needs Node 22.18 or newer; this is ${process.versions.node}. ` +
      'The npm package "node" brings one: run npm ci without --ignore-scripts.\n'
  )
  process.exit(1)
}
