// A file with a contract, and what it may export besides: who may connect, who may do what, who answers calls.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Contract } from '@tidings/core'
import type { Authenticate, Authorize, CallHandlers } from '@tidings/server'
import { UsageError } from './command.ts'

export interface ContractModule {
  readonly contract: Contract
  readonly authenticate: Authenticate | undefined
  readonly authorize: Authorize | undefined
  readonly calls: CallHandlers<Contract> | undefined
  /** Whatever else the file exports. */
  readonly more: Readonly<Record<string, unknown>>
}

/** Throws UsageError where there is no such file, or no contract in it. */
export async function loadContract(file: string): Promise<ContractModule> {
  const path = resolve(file)
  if (!existsSync(path))
    throw new UsageError(`There is no file ${path}; the file is looked for in the current folder.`)
  let module: Readonly<Record<string, unknown>>
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    throw new Error(
      `${file} could not be loaded. ${error instanceof Error ? (error.stack ?? error.message) : error}`,
    )
  }
  const contract = module.contract ?? module.default
  if (!isContract(contract)) {
    throw new UsageError(`${file} exports no contract; write: export const contract = defineContract({ … })`)
  }
  return {
    contract,
    authenticate: functionOf(module, 'authenticate', file),
    authorize: functionOf(module, 'authorize', file),
    // The server looks the handlers up by the names in the contract.
    calls: module.calls as CallHandlers<Contract> | undefined,
    more: module,
  }
}

function isContract(value: unknown): value is Contract {
  return typeof value === 'object' && value !== null && 'channels' in value && 'resolve' in value
}

/** The type is the file's promise; that it is a function is checked. */
function functionOf<F>(module: Readonly<Record<string, unknown>>, name: string, file: string): F | undefined {
  const value = module[name]
  if (value === undefined || typeof value === 'function') return value as F | undefined
  throw new UsageError(`${file} exports "${name}", which must be a function.`)
}
