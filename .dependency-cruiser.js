/**
 * The arrows of the house, one rule a room (ARCHITECTURE.md draws them): a room may import itself and what its line names.
 * Type imports count, and there is no circle anywhere.
 */

/** src-shared is pure: each room stands on the rooms of its line. */
const shared = {
  shapes: [],
  text: ['shapes'],
  statistics: ['shapes'],
  theory: ['shapes', 'statistics'],
  grid: ['shapes', 'statistics', 'text'],
  filter: ['shapes', 'text'],
  cost: ['shapes', 'statistics', 'text'],
  recall: ['shapes', 'statistics', 'text'],
  findings: ['shapes', 'grid', 'statistics', 'text'],
  exchange: ['shapes', 'grid', 'statistics', 'findings', 'recall', 'text'],
  figures: ['shapes', 'grid', 'statistics', 'findings', 'theory', 'recall', 'text'],
  documents: ['shapes', 'grid', 'statistics', 'findings', 'theory', 'text', 'exchange', 'figures', 'cost', 'recall'],
  contract: ['shapes', 'grid', 'filter', 'cost', 'recall', 'findings', 'exchange', 'documents', 'figures']
}

/** src-main: entry -> hosts -> studio -> store, places -> engine -> tasks -> models -> tensors. */
const main = {
  tensors: [],
  models: ['tensors'],
  tasks: ['models', 'tensors'],
  engine: ['tasks', 'models', 'tensors'],
  store: [],
  places: ['engine', 'tensors', 'store/(files|errors).ts'],
  studio: ['store', 'places', 'tensors', 'engine/protocol.ts'],
  hosts: ['studio', 'store', 'places', 'engine', 'tensors']
}

/** src-renderer: pages are composed of runs, charts and components; all of them may read the state. */
const renderer = {
  state: [],
  charts: ['state', 'components'],
  components: ['state'],
  runs: ['state', 'charts', 'components'],
  shell: ['state', 'components', 'charts'],
  pages: ['state', 'charts', 'components', 'runs', 'shell']
}

const rules = (top, rooms) =>
  Object.entries(rooms).map(([room, below]) => ({
    name: `${top}/${room}`,
    comment: below.length ? `${room} stands on ${below.join(', ')}` : `${room} stands on nothing above it`,
    severity: 'error',
    from: { path: `^${top}/${room}/` },
    to: { path: `^${top}/`, pathNot: `^${top}/(${[room, ...below].join('|')})(/|$)` }
  }))

const never = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } })

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...rules('src-shared', shared),
    ...rules('src-main', main),
    ...rules('src-renderer', renderer),
    never(
      'shared-is-pure',
      '^src-shared/',
      '^(src-main|src-renderer)/|^node:|node_modules/(electron|@tensorflow|better-sqlite3|webgpu|ws)/'
    ),
    { ...never('shared-has-no-node', '^src-shared/', ''), to: { dependencyTypes: ['core'] } },
    never('main-knows-no-page', '^src-main/', '^src-renderer/'),
    never('renderer-speaks-the-contract', '^src-renderer/', '^src-main/'),
    { ...never('renderer-has-no-node', '^src-renderer/', ''), to: { dependencyTypes: ['core'] } },
    never('a-page-knows-no-other-page', '^src-renderer/pages/([^/]+)/', '^src-renderer/pages/(?!$1/)[^/]+/'),
    { ...never('only-the-store-knows-sql', '^src-main/(?!store/)', 'node_modules/better-sqlite3/') },
    never('models-and-tasks-know-no-backend', '^src-main/(models|tasks)/', '^src-main/tensors/backends/'),
    never('workers-know-no-process', '^src-main/engine/worker/', '^src-main/engine/process/'),
    never('history-is-frozen', '^src-main/store/migrations/', '^(src-shared|src-main/(?!store/(migrations/|port)))'),
    never('the-product-needs-no-test', '^src-', '^tests/')
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['svelte', 'types', 'import', 'node', 'default'],
      exportsFields: ['exports']
    },
    exclude: { path: '^src-main/tensors/kernels/assembly/' }
  }
}
