/** A real Slurm of one node on loopback: munge, slurmctld, slurmd. As root on Debian; there is no accounting. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { aptInstall, mayInstall } from './apt.ts'

const there = (program: string): boolean => spawnSync('which', [program]).status === 0

/** @returns why there can be no cluster here */
export function needCluster(): string | undefined {
  if (process.getuid?.() !== 0) return 'A cluster of one node needs root.'
  for (const [program, name] of [
    ['munged', 'munge'],
    ['slurmctld', 'slurm-wlm']
  ])
    if (!there(program) && !(mayInstall && aptInstall(name) && there(program)))
      return `There is no ${program} (Debian: apt-get install ${name}).`
  return undefined
}

const configuration = (folder: string): string => {
  const host = hostname().split('.')[0]
  return `ClusterName=one
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`
}

/** Start it over an empty folder. @returns what ends it */
export async function startCluster(folder: string): Promise<() => void> {
  for (const name of ['state', 'spool']) mkdirSync(join(folder, name))
  const munge = '/run/munge'
  const pid = join(munge, 'munged.pid')
  mkdirSync(munge, { recursive: true })
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'munge'], { encoding: 'utf8' }))
  chownSync(munge, id('-u'), id('-g'))
  const ours = !existsSync(pid)
  if (ours) execFileSync('su', ['-s', '/bin/sh', 'munge', '-c', `munged --pid-file=${pid}`])
  const file = join(folder, 'slurm.conf')
  writeFileSync(file, configuration(folder))
  // Every command of Slurm reads it from here.
  process.env.SLURM_CONF = file
  execFileSync('slurmctld', ['-f', file])
  await wait(2000)
  execFileSync('slurmd', ['-f', file])
  for (let tries = 0; !/idle/.test(spawnSync('sinfo', ['-h', '-o', '%t'], { encoding: 'utf8' }).stdout); tries++) {
    if (tries > 60) throw new Error(`The node does not come up: ${readFileSync(join(folder, 'slurmd.log'), 'utf8')}`)
    await wait(500)
  }
  return () => {
    for (const name of [join(folder, 'slurmd.pid'), join(folder, 'slurmctld.pid'), ...(ours ? [pid] : [])])
      try {
        process.kill(Number(readFileSync(name, 'utf8')), 'SIGTERM')
      } catch {
        // It has ended.
      }
  }
}
