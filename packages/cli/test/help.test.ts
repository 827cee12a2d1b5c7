import { describe, expect, it } from 'vitest'
import { contractFile, tidings } from './tidings.ts'

const commands = ['serve', 'mock', 'publish', 'tail', 'token']

describe('help', () => {
  it('without a command says which there are', async () => {
    const { code, stdout, stderr } = await tidings([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} +\\w`, 'm'))
    expect((await tidings(['--help'])).stdout).toBe(stdout)
    expect((await tidings(['help'])).stdout).toBe(stdout)
  })

  it.each(commands)('of %s has usage, options and examples, by either way of asking', async (command) => {
    const { code, stdout } = await tidings(['help', command])
    expect(code).toBe(0)
    for (const part of [`Usage: tidings ${command}`, 'Options', '--help', 'Examples'])
      expect(stdout).toContain(part)
    expect((await tidings([command, '--help'])).stdout).toBe(stdout)
    expect((await tidings([command, '--no-such-option', '-h'])).stdout).toBe(stdout)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120)
  })

  it('says which version this is', async () => {
    expect((await tidings(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('says which Node.js it needs where there is an older one', async () => {
    const older = "Object.defineProperty(process,'versions',{value:{node:'20.20.2'}})"
    const { code, stdout, stderr } = await tidings([], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${older}` },
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('needs Node.js 24 or newer')
  })
})

describe('a wrong command line ends with 2 and says what would be right', () => {
  it.each([
    [['publsh'], /there is no command "publsh"; there are serve, mock, publish/],
    [['publish', 'notes/a'], /<event> is missing/],
    [['publish', 'notes/a', 'added', '{"text":', '"x"}'], /"\\"x\\"}"|one argument too many/],
    [['publish', 'notes/a', 'added', '{text: 1}'], /is not JSON/],
    [
      ['publish', 'notes/a', 'added', '1', '--timeout', 'soon'],
      /--timeout is "soon"; it must be a whole number/,
    ],
    [['publish', 'notes/a', 'added', '1', '--url', 'localhost:4000'], /must begin with http:\/\//],
    [['publish', 'notes/a', 'added', '1', '--ky', 'x'], /'--ky'/],
    [['tail', 'notes/a', '--after', 'yesterday'], /--after is "yesterday"; it must be start, now/],
    [['token'], /--user is missing/],
    [['token', '--user', 'ada'], /TIDINGS_JWT_SECRET/],
    [['token', '--user', 'ada', '--secret', 'short'], /5 bytes; HS256 needs at least 32/],
    [['token', '--user', 'ada', '--secret', 'x'.repeat(32), '--expires', 'soon'], /as in 15m/],
    [['mock'], /<contract> is missing/],
    [['mock', 'nowhere.ts'], /nowhere\.ts/],
    [['mock', contractFile, '--faults', 'of'], /--faults has "of"; there are offline/],
    [['mock', contractFile, '--every', 'x'], /--every is "x"/],
    [['serve'], /--contract is missing/],
    [['serve', '--contract', 'nowhere.ts', '--anonymous'], /nowhere\.ts/],
    [['serve', '--contract', contractFile], /--anonymous/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await tidings(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})
