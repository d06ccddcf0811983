/** The command line: for machines without a screen, and for checks. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { backendChoices, limits } from '../src-shared/shapes/experiment.ts'
import { reportFormats } from '../src-shared/shapes/exported-file.ts'
import type { BackendName } from './tensors/backends/backend.ts'
import { addressVariable } from './places/queue/address.ts'
import { defaultDataFolder, defaultWorkerFolder } from './hosts/data-folder.ts'
import { ownCode, type OwnCode } from './hosts/own-code.ts'
import { checkData, checkText } from './hosts/terminal/check.ts'
import { compareCommand } from './hosts/terminal/compare.ts'
import { costCommand } from './hosts/terminal/cost.ts'
import { diagnose } from './hosts/terminal/doctor.ts'
import { fitCommand } from './hosts/terminal/fit.ts'
import { fixtureFile, type FixtureOptions } from './hosts/terminal/fixture.ts'
import { exportFormats, exportRun, type ExportFormat } from './hosts/terminal/export.ts'
import type { ImportOptions } from './hosts/terminal/import.ts'
import { catalogTable, listRuns, runRows, runTable } from './hosts/terminal/list.ts'
import { outcome, print } from './hosts/terminal/outcome.ts'
import {
  likelihoodTable,
  analyseFile,
  recallLikelihood,
  recallPage,
  recallReport,
  recallTable,
  type RecallReading,
  type RecallStatsOptions
} from './hosts/terminal/recall.ts'
import { recallFitCommand } from './hosts/terminal/recall-fit.ts'
import { statisticsCsv } from '../src-shared/documents/recall-statistics.ts'
import { newModel, type NewModelOptions } from './hosts/terminal/new-model.ts'
import { checkParity, parityText, type ParityOptions } from './hosts/terminal/parity.ts'
import type { ReferenceCheck, ReferenceOptions } from './hosts/terminal/reference.ts'
import { listReports, reportsTable, writeReport, type ReportOptions } from './hosts/terminal/report.ts'
import { rerun, rerunText, type RerunOptions } from './hosts/terminal/rerun.ts'
import { summaryTable } from './hosts/terminal/results.ts'
import { resumeRun, runFile, type RunOptions } from './hosts/terminal/run.ts'
import { matrixTable, readSuite, runSuite, suiteJson } from './hosts/terminal/suite.ts'
import { plain } from './hosts/terminal/text.ts'
import { tuned, tunedText } from './hosts/terminal/tune.ts'
import { whole } from './hosts/terminal/whole.ts'
import type { SubmitOptions, TaskOptions } from './hosts/terminal/slurm.ts'
import type { WorkOptions } from './hosts/terminal/worker.ts'
import { serveAtTerminal } from './hosts/web/run.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string
}

// Who reads no further (`| head`) has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
// A run goes on when nobody reads its progress any more.
process.stderr.on('error', () => {})

const seconds =
  (min: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= min && value <= 86_400))
      throw new InvalidArgumentError(`It must be a number of seconds ${min > 0 ? 'above' : 'from'} 0, up to 86400.`)
    return value
  }
const data = (): Option => new Option('--data <dir>', 'data folder').default(defaultDataFolder())
const models = (): Option => new Option('--models <dir>', 'folder of your own models; the code in it is run')
const queue = (): Option =>
  new Option('--queue <url>', `address of the queue, redis:// or rediss://; also ${addressVariable}`)
const python = (): Option => new Option('--python <program>', 'the Python that runs your own models in Python')
const unsaved = (): Option => new Option('--unsaved <dir>', 'folder for trials that the data folder does not take')
const plainLines = (text: string): string => text.split('\n').map(plain).join('\n')
const backends = backendChoices.filter((name) => name !== 'auto')
const backend = (): Option => new Option('--backend <name>', 'compute backend').choices(backendChoices)
const otherBackend = (): Option =>
  new Option('--backend <name>', 'instead of the one that each trial was computed on').choices(backends)
const json = (what: string): Option => new Option('--json', `${what} as JSON`)

const program = new Command('engram')
  .description('Engram Studio: benchmarks of episodic and associative memory')
  .version(version)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

program
  .command('run')
  .description('run an experiment, suite or W&B sweep file; progress on stderr, a summary on stdout')
  .argument('<file>')
  .addOption(data())
  .addOption(models())
  .addOption(python())
  .addOption(backend())
  .option('--seeds <n>', 'run this many seeds', whole(1, limits.seeds))
  .option('--seed <s>', 'run just this seed', whole(0, 2 ** 32 - 1))
  .addOption(new Option('--on <place>', 'where it is computed').choices(['here', 'queue']))
  .addOption(queue())
  .addOption(unsaved())
  .addOption(json('every trial and the summary'))
  .action((file: string, options: RunOptions & { json?: true }) =>
    outcome(async () => {
      const suite = await readSuite(file)
      if (suite) {
        const result = await runSuite(suite, file, options)
        await print(options.json ? JSON.stringify(suiteJson(result), null, 2) : matrixTable(result))
        return
      }
      const result = await runFile(file, options)
      process.stderr.write(`run ${result.run}\n`)
      await print(options.json ? JSON.stringify(result, null, 2) : summaryTable(result))
    })
  )

program
  .command('resume')
  .description('go on with a run that was interrupted, cancelled or has damaged trials, at the first missing one')
  .argument('<run>')
  .addOption(data())
  .addOption(queue())
  .addOption(models())
  .addOption(python())
  .addOption(unsaved())
  .addOption(json('every trial and the summary'))
  .action((run: string, options: { data: string; queue?: string; unsaved?: string; json?: true } & OwnCode) =>
    outcome(async () => {
      const result = await resumeRun(run, options)
      await print(options.json ? JSON.stringify(result, null, 2) : summaryTable(result))
    })
  )

program
  .command('list')
  .description('every run in the data folder, newest first')
  .addOption(data())
  .addOption(json('the runs'))
  .action((options: { data: string; json?: true }) =>
    outcome(async () => {
      const rows = await listRuns(options.data)
      await print(options.json ? JSON.stringify(runRows(rows), null, 2) : runTable(rows))
    })
  )

program
  .command('tune')
  .description('run an experiment that tunes first, or show what a run has tried for each model and what won')
  .argument('<what>', 'an experiment file, or the id of a run')
  .addOption(data())
  .addOption(models())
  .addOption(python())
  .addOption(backend())
  .option('--seeds <n>', 'report this many seeds', whole(1, limits.seeds))
  .addOption(new Option('--on <place>', 'where it is computed').choices(['here', 'queue']))
  .addOption(queue())
  .addOption(unsaved())
  .addOption(json('what was tried'))
  .action((what: string, options: RunOptions & { json?: true }) =>
    outcome(async () => {
      const found = await tuned(what, options)
      await print(options.json ? JSON.stringify(found, null, 2) : plainLines(tunedText(found)))
    })
  )

program
  .command('report')
  .description(
    'write what goes into a paper: of runs, of a composed report, or of a file of blocks; without any, list them'
  )
  .argument('[what...]', 'runs; or a report’s id, title or file')
  .addOption(new Option('--format <format>', 'what to write').choices(reportFormats).default('html'))
  .option('--out <path>', 'the file to write')
  .addOption(data())
  .addOption(json('the reports, or what was written'))
  .action((what: string[], options: ReportOptions & { json?: true }) =>
    outcome(async () => {
      if (what.length === 0) {
        const rows = await listReports(options.data)
        return print(options.json ? JSON.stringify(rows, null, 2) : reportsTable(rows))
      }
      const written = await writeReport(what, options)
      await print(options.json ? JSON.stringify(written, null, 2) : `wrote ${plain(written.file)}`)
    })
  )

program
  .command('export')
  .description(
    'write a run to a file; csv also writes NAME.trials.csv (a row per trial) and NAME.table.csv (as printed)'
  )
  .argument('<run>')
  .addOption(new Option('--format <format>', 'what to write').choices(exportFormats).makeOptionMandatory())
  .requiredOption('--out <path>', 'the file to write')
  .addOption(data())
  .action((run: string, options: { format: ExportFormat; out: string; data: string }) =>
    outcome(async () => {
      for (const file of await exportRun(options.data, run, options.format, options.out))
        process.stderr.write(`wrote ${plain(file)}\n`)
    })
  )

program
  .command('import')
  .description(
    'take in a file by what it holds: runs (results JSON, an HTML report, MLflow’s SQLite file, CSV logs of TensorBoard, W&B, Keras or Lightning), vectors, recall data; or print the experiment that a W&B sweep becomes'
  )
  .argument('<file>')
  .addOption(data())
  .option('--experiment <file>', 'the experiment whose task and models a sweep is of')
  .option('--columns <mapping>', 'of recall data, which column is which: subject=participant,...')
  .option('--items <file>', 'of a matrix of serial positions: the presented items, one row a list')
  .option('--length <n>', 'of a matrix of serial positions: items of each list', whole(1, 1000))
  .addOption(json('what was taken in'))
  .action((file: string, options: ImportOptions & { json?: true }) =>
    outcome(async () => {
      const { importFile } = await import('./hosts/terminal/import.ts')
      const taken = await importFile(file, options)
      await print(options.json ? JSON.stringify(taken.json, null, 2) : plainLines(taken.lines.join('\n')))
    })
  )

program
  .command('rerun')
  .description('compute a sample of a run’s trials again: identical, within tolerance, or drifted (exit code 1)')
  .argument('<run>')
  .option('--sample <n>', 'trials of each model', whole(1, 1000), 5)
  .option('--draw <seed>', 'seed of the draw that chooses them', whole(0, 2 ** 32 - 1), 1)
  .addOption(otherBackend())
  .addOption(data())
  .addOption(models())
  .addOption(python())
  .addOption(json('the check'))
  .action((run: string, options: RerunOptions & { json?: true }) =>
    outcome(async () => {
      const check = await rerun(run, options)
      await print(options.json ? JSON.stringify(check, null, 2) : plainLines(rerunText(check)))
      if (check.trials.some(({ verdict }) => verdict === 'drifted')) process.exitCode = 1
    })
  )

program
  .command('reference')
  .description(
    'the results of ready experiments that ship; with --check a sample is computed again: identical, within tolerance, or drifted (exit code 1)'
  )
  .argument('[name...]', 'of ready experiments; those that need no training if left out')
  .option('--check', 'compute a sample of each again')
  .option('--sample <n>', 'trials of each model', whole(1, 1000), 1)
  .option('--draw <seed>', 'seed of the draw that chooses them', whole(0, 2 ** 32 - 1), 1)
  .addOption(otherBackend())
  .option('--all', 'those too whose models are trained, which takes long')
  .addOption(json('the checks'))
  .action((names: string[], { check, json, ...options }: ReferenceOptions & { check?: true; json?: true }) =>
    outcome(async () => {
      const own = await import('./hosts/terminal/reference.ts')
      if (!check) {
        const known = own.referenceNames()
        return print(json ? JSON.stringify(known) : known.join('\n'))
      }
      const show = json
        ? undefined
        : (one: ReferenceCheck): void => void process.stdout.write(`${plainLines(own.referenceText(one))}\n`)
      const checks = await own.checkReferences(names, options, show)
      await print(json ? JSON.stringify(checks, null, 2) : plainLines(own.referenceSum(checks)))
      if (checks.some(own.isOff)) process.exitCode = 1
    })
  )

program
  .command('verify')
  .description('hold every model to the values in a folder of fixtures; the last line is the sum')
  .argument('<dir>')
  .addOption(new Option('--backend <name>', 'just this backend; every available one if left out').choices(backends))
  .option('--batch <n>', 'just batches of n copies; of one, then of three if left out', whole(1, 64))
  .option('--plain', 'on plain tensor ops, without fused kernels')
  .addOption(json('the outcome'))
  .action((folder: string, options: { backend?: BackendName; batch?: number; plain?: true; json?: true }) =>
    outcome(async () => {
      const { verifyFolder } = await import('./engine/verify/verify.ts')
      const report = await verifyFolder(folder, {
        ...(options.backend && { backends: [options.backend] }),
        ...(options.batch && { batches: [options.batch] }),
        ...(options.plain && { plain: true }),
        ...(!options.json && { onLine: (line: string) => void process.stdout.write(`${plain(line)}\n`) })
      })
      if (options.json) await print(JSON.stringify(report, null, 2))
      if (report.failed > 0) process.exitCode = 1
    })
  )

program
  .command('fixture')
  .description('write what a model answers here, with its weights and inputs, as a fixture to hold your own code to')
  .argument('<model>')
  .addOption(new Option('--params <json>', 'its parameters; sizes that are left out are small'))
  .option('--seed <s>', 'of weights and inputs', whole(0, 2 ** 32 - 1), 0)
  .addOption(models())
  .requiredOption('--out <file>', 'the file to write')
  .action((model: string, options: FixtureOptions) =>
    outcome(async () => void process.stderr.write(`${plain(await fixtureFile(model, options))}\n`))
  )

program
  .command('new-model')
  .description('write a model to start from into your models folder, and print its path')
  .argument('<name>')
  .option('--models <dir>', 'the folder, in place of the one in the settings')
  .addOption(
    new Option('--language <language>', 'what it is written in').choices(['python', 'typescript']).default('python')
  )
  .addOption(data())
  .action((name: string, options: NewModelOptions) => outcome(async () => print(plain(await newModel(name, options)))))

program
  .command('parity')
  .description('whether a model computes what a class of your own Python does, with its weights (exit code 1 if not)')
  .argument('<class>', 'FILE.py:CLASS')
  .argument('<model>', 'the studio’s model')
  .addOption(
    new Option('--param <name=value>', 'a parameter of either side; may be repeated')
      .argParser((text: string, before: string[]) => [...before, text])
      .default([] as string[], 'none')
  )
  .option('--seeds <n>', 'with the weights of so many seeds', whole(1, 1000), 1)
  .addOption(python())
  .addOption(data())
  .addOption(json('the check'))
  .action((place: string, model: string, options: ParityOptions & { json?: true }) =>
    outcome(async () => {
      const found = await checkParity(place, model, options)
      await print(options.json ? JSON.stringify(found, null, 2) : plainLines(parityText(found)))
      if (!found.passed) process.exitCode = 1
    })
  )

program
  .command('catalog')
  .description('the models and tasks there are')
  .addOption(json('everything known about them'))
  .action((options: { json?: true }) =>
    outcome(async () => {
      const { builtInRegistry } = await import('./engine/worker/registry.ts')
      const catalog = builtInRegistry().catalog()
      await print(options.json ? JSON.stringify(catalog, null, 2) : catalogTable(catalog))
    })
  )

compareCommand(program.command('compare'), data())

costCommand(program.command('cost'))

fitCommand(program.command('fit'), data(), whole)

program
  .command('recall-stats')
  .description('the statistics of free recall in a psifr-style CSV: columns subject, list, position, trial_type, item')
  .argument('<file>')
  .option('--length <n>', 'lists of this many items; by default those of which there are most', whole(1, 1000))
  .option('--similarity <file>', 'a CSV table of the words’ cosines, for all that is of meaning')
  .option(
    '--columns <mapping>',
    'which column is which: subject=participant,list=trial,...; time= leaves the times out'
  )
  .option('--items <file>', 'the presented items of a matrix of serial positions, one row a list')
  .option('--spelling <letters>', 'take recalls for words that differ in up to so many letters', whole(0, 3))
  .option('--skip <n>', 'first recalls left out of what comes after them (skip_first_n)', whole(0, 1000))
  .option('--list-lag <n>', 'lists back of prior-list intrusions', whole(1, 100))
  .option('--bins <n>', 'bins of similarity', whole(2, 50))
  .option('--shift <n>', 'words back of the shifted distance rank', whole(1, 20))
  .option('--recall-time <seconds>', 'how long recall lasted, for stopping and exit latency', seconds(Number.MIN_VALUE))
  .option('--exit-time <seconds>', 'silence from which the subject had stopped', seconds(0))
  .option('--permutations <n>', 'random orders of the corrected memory fingerprint', whole(10, 10_000))
  .option(
    '--least-lists <n>',
    'leave out subjects with fewer lists; a quarter of the median if not said',
    whole(0, 1_000_000)
  )
  .option(
    '--least-recalls <n>',
    'leave out subjects with fewer correct recalls; a tenth of the median if not said',
    whole(0, 1_000_000)
  )
  .option('--csv <file>', 'write every mean and interval there, one a row')
  .option('--html <file>', 'write a report there: figures, numbers and definitions')
  .addOption(json('every statistic with its definition, and every subject (resources/guide/recall-stats.md)'))
  .action((file: string, options: RecallStatsOptions & { csv?: string; html?: string; json?: true }) =>
    outcome(async () => {
      const found = await analyseFile(file, options)
      const report = recallReport(file, found)
      if (options.csv !== undefined) await writeFile(options.csv, statisticsCsv(report.statistics))
      if (options.html !== undefined)
        await writeFile(options.html, recallPage(file, found, { version, created: new Date().toISOString() }))
      await print(options.json ? JSON.stringify(report, null, 2) : recallTable(report))
    })
  )

program
  .command('recall-likelihood')
  .description('the log-likelihood of recalls under a context model, for each subject and in sum')
  .argument('<file>')
  .requiredOption(
    '--params <file>',
    'parameters as JSON: B_enc, B_start, B_rec, Lfc, Lcf (or L), P1, P2, D, A, T, X1, X2'
  )
  .option('--columns <mapping>', 'which column is which: subject=participant,list=trial,...')
  .addOption(json('the numbers'))
  .action((file: string, options: RecallReading & { params: string; json?: true }) =>
    outcome(async () => {
      const report = await recallLikelihood(file, options.params, options)
      await print(options.json ? JSON.stringify(report, null, 2) : likelihoodTable(report))
    })
  )

recallFitCommand(program.command('recall-fit'))

program
  .command('submit')
  .description(
    'give an experiment to a Slurm cluster, as an array job that computes in a folder which the cluster sees'
  )
  .argument('<file>', 'the experiment; with --missing, the folder')
  .option('--slurm <dir>', 'the folder; it is made')
  .option('--sbatch <options>', 'options of sbatch: "--partition=short --time=2:00:00 --cpus-per-task=4"')
  .option('--tasks <n>', 'array tasks; up to 100 if left out', whole(1, 10_000))
  .option('--ssh <host>', 'where sbatch is, if not here')
  .option('--missing', 'give what has no outcome, and is not at work, to the cluster again')
  .option('--engram <command>', 'how engram is called on the cluster; by default this installation')
  .addOption(data())
  .addOption(models())
  .addOption(backend())
  .option('--seeds <n>', 'run this many seeds', whole(1, limits.seeds))
  .addOption(json('what was submitted'))
  .action((file: string, options: SubmitOptions & { json?: true }) =>
    outcome(async () => {
      const { submit, submittedText } = await import('./hosts/terminal/slurm.ts')
      const found = await submit(file, options)
      await print(options.json ? JSON.stringify(found, null, 2) : plainLines(submittedText(found)))
    })
  )

program
  .command('task')
  .description('compute one array task of such a folder: what the cluster runs, without network or database')
  .argument('<dir>')
  .argument('<index>', 'which', whole(0, 1_000_000))
  .option('--workers <n>', 'threads; by default those that Slurm gives', whole(1, 256))
  .addOption(backend().default('auto'))
  .addOption(json('how many batches'))
  .action((dir: string, index: number, options: TaskOptions & { json?: true }) =>
    outcome(async () => {
      const { computeOnCluster } = await import('./hosts/terminal/slurm.ts')
      const count = await computeOnCluster(dir, index, options)
      await print(options.json ? JSON.stringify(count) : `${count.computed} batches computed, ${count.failed} failed`)
      if (count.failed > 0) process.exitCode = 1
    })
  )

program
  .command('status')
  .description('how far such a folder is, from its files and from squeue')
  .argument('<dir>')
  .addOption(json('the same'))
  .action((dir: string, options: { json?: true }) =>
    outcome(async () => {
      const { statusOf, statusText } = await import('./hosts/terminal/slurm.ts')
      const found = await statusOf(dir)
      await print(options.json ? JSON.stringify(found, null, 2) : plainLines(statusText(found)))
    })
  )

program
  .command('gather')
  .description('take what is computed in such a folder into the history, at any time; twice changes nothing')
  .argument('<dir>')
  .addOption(data())
  .addOption(json('every trial, the summary, what is missing and what drifted'))
  .action((dir: string, options: { data: string; json?: true }) =>
    outcome(async () => {
      const { gather } = await import('./hosts/terminal/slurm.ts')
      const result = await gather(dir, options.data)
      process.stderr.write(`run ${result.run}, ${result.missing} trials missing\n`)
      await print(options.json ? JSON.stringify(result, null, 2) : summaryTable(result))
    })
  )

program
  .command('worker')
  .description('compute batches of the queue on this machine: Ctrl-C ends it after its batches, a second one at once')
  .addOption(queue())
  .option('--name <name>', 'what the page Computers calls it', hostname())
  .option('--workers <n>', 'threads; one for each core if left out', whole(1, 256))
  .addOption(backend().default('auto'))
  .option('--data <dir>', 'where weights, vectors and models are kept that batches need', defaultWorkerFolder())
  .option('--trust-models', 'run the models that others wrote: their code can do on this machine whatever you can')
  .action((options: WorkOptions) =>
    outcome(async () => {
      const { workAtQueue } = await import('./hosts/terminal/worker.ts')
      await workAtQueue(options)
    })
  )

program
  .command('password')
  .description('have the password of the queue’s server kept in this system’s keychain; it is read from stdin')
  .addOption(queue())
  .option('--forget', 'keep it no longer')
  .action((options: { queue?: string; forget?: true }) =>
    outcome(async () => {
      const { keepPassword } = await import('./hosts/terminal/password.ts')
      process.stderr.write(`${plain(await keepPassword(options))}\n`)
    })
  )

program
  .command('serve')
  .description('the studio in a browser, on this machine’s loopback address')
  .option('--port <n>', 'port; any free one if left out', whole(0, 65_535))
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .addOption(data())
  .addOption(models())
  .addOption(python())
  .action((options: { port?: number; host: string; data: string } & OwnCode) =>
    outcome(() =>
      serveAtTerminal({
        port: options.port,
        host: options.host,
        dataFolder: options.data,
        ...ownCode(options)
      })
    )
  )

program
  .command('check')
  .description('hold everything in the data folder to what was written (exit code 1 where something is damaged)')
  .option('--mend', 'restore what is damaged from the backups; trials that are in none can be computed again')
  .addOption(data())
  .addOption(json('what is damaged and what was done'))
  .action((options: { data: string; mend?: true; json?: true }) =>
    outcome(async () => {
      const report = await checkData(options.data, options.mend === true)
      await print(options.json ? JSON.stringify(report, null, 2) : plainLines(checkText(report)))
      if (report.database !== 'ok') process.exitCode = 1
    })
  )

program
  .command('doctor')
  .description('versions, backends, adapters and the state of the database')
  .addOption(data())
  .addOption(models())
  .addOption(python())
  .action((options: { data: string } & OwnCode) =>
    outcome(async () => {
      const { exitCode, text } = await diagnose(options.data, options)
      await print(text)
      process.exitCode = exitCode
    })
  )

// What an option refuses is said as everything else that is refused.
await outcome(async () => void (await program.parseAsync()))
