// A child process that may be killed, stopped and started again, and of which nothing is left when the run is over.

import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'

const living = new Set<ChildProcess>()

/** Runs a program of TypeScript, given by its path. */
export function startProgram(program: string, args: readonly string[], options: ForkOptions): ChildProcess {
  const child = fork(program, args, { ...options, execArgv: ['--conditions=@tidings/source'] })
  living.add(child)
  child.on('exit', () => living.delete(child))
  // What was on its way to a process that is gone.
  child.on('error', () => {})
  child.stderr?.on('error', () => {})
  return child
}

/** Every process that was started here, stopped ones too. */
export function killAll(): void {
  for (const child of living) child.kill('SIGKILL')
}

export const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null
