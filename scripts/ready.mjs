// `node scripts/ready.mjs <script.ts>`: makes a fresh clone ready, then runs the script with the project's own Node.
// The first thing that runs, so it is plain JavaScript for Node 20 and uses nothing that has to be installed.

import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const pinnedNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

// A terminal's Ctrl+C reaches the whole process group, and npm passes it on once more. What arrives this soon after
// the first is the same wish; what comes later is a second one.
const SAME_WISH_MS = 500

const [script, ...args] = process.argv.slice(2)
if (script === undefined) fail('Usage: node scripts/ready.mjs <script.ts>')
if (!isInstalled()) await install()
process.exit(
  await runToEnd(pinnedNode, ['--conditions=@tidings/source', join(root, script), ...args], {
    stdio: 'inherit',
  }),
)

/**
 * Whether every package that the lockfile names is there in the version that it names. npm writes its own list of what
 * it installed at the very end, so an interrupted install is seen, and an `npm install` by hand counts.
 */
function isInstalled() {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted) fail('package-lock.json is missing or broken. Restore it with: git checkout package-lock.json')
  if (!installed || !existsSync(pinnedNode)) return false
  return Object.entries(wanted).every(([path, { version, link, optional }]) => {
    if (!path.includes('node_modules/') || optional) return true
    return link ? installed[path]?.link : installed[path]?.version === version
  })
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

async function install() {
  const count = Object.values(readPackages(join(root, 'package-lock.json'))).filter(
    (each) => !each.optional,
  ).length
  console.log(`Installing what Tidings is built with (${count} packages, this once)`)
  const began = performance.now()
  const seconds = () => `${Math.round((performance.now() - began) / 1000)} s`
  const progress = setInterval(
    () => {
      if (process.stdout.isTTY) process.stdout.write(`\r  installing … ${seconds()} `)
      else console.log(`  installing … ${seconds()}`)
    },
    process.stdout.isTTY ? 200 : 5000,
  )
  let output = ''
  const npm = process.env.npm_execpath
  const npmArgs = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const code = await runToEnd(
    npm ? process.execPath : 'npm',
    npm ? [npm, ...npmArgs] : npmArgs,
    { stdio: ['ignore', 'pipe', 'pipe'] },
    (text) => {
      output += text
    },
  )
  clearInterval(progress)
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
  if (code === 0 && !existsSync(pinnedNode)) {
    output += `\n${pinnedNode} was not installed. Are install scripts switched off (npm config get ignore-scripts)?`
  } else if (code === 0) {
    console.log(`Installed in ${seconds()}.`)
    return
  }
  if (wasStopped(code)) process.exit(code)
  // Half an installation would be taken for a whole one by every other tool.
  rmSync(join(root, 'node_modules', '.package-lock.json'), { force: true })
  console.error(output.trim())
  fail(
    `Could not install the packages (npm ended with ${code}; its own words are above). ${whatToDo(output)}`,
  )
}

function whatToDo(output) {
  if (/ENOSPC/.test(output))
    return 'The disk is full: make about 1 GB of room and run the same command again.'
  if (/EACCES|EPERM/.test(output))
    return `This account may not write to ${root}: make it writable, or clone elsewhere.`
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network/i.test(output))
    return 'The package registry did not answer: check the network or proxy, and run the same command again.'
  if (/can only install.*package-lock|not in sync|EUSAGE/s.test(output))
    return 'package.json and package-lock.json disagree: run `npm install`, and commit the lockfile.'
  return 'Run the same command again; if it fails the same way, `npm ci` alone shows the details.'
}

/** Runs a program to its end, hands signals on to it, and gives back its exit code as a shell would. */
function runToEnd(command, commandArgs, options, onOutput) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, {
      ...options,
      cwd: root,
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    })
    child.stdout?.on('data', (chunk) => onOutput(String(chunk)))
    child.stderr?.on('data', (chunk) => onOutput(String(chunk)))
    const lastSeen = new Map()
    const handOn = (signal) => {
      const last = lastSeen.get(signal)
      const now = performance.now()
      lastSeen.set(signal, now)
      if (last === undefined || now - last > SAME_WISH_MS) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, handOn)
    child.on('error', (problem) => fail(`Could not run ${command}: ${problem.message}`))
    child.on('close', (code, signal) => {
      for (const each of signals) process.off(each, handOn)
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}

function wasStopped(code) {
  return code > 128
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
