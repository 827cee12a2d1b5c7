// Built-in prototypes as they were when the tests began; imported for its effect: after each test they are the same, and
// each test has the time that real sockets need on a machine with other things to do.

import { afterEach, expect } from 'vitest'

const watched = { Object, Array, Function, String, Number, Map, Set, Promise, Error, Uint8Array, RegExp }

const shape = (of: object) =>
  Reflect.ownKeys(of).map((key) => `${String(key)} ${typeof Object.getOwnPropertyDescriptor(of, key)?.value}`)

const before = Object.entries(watched).map(([name, { prototype }]) => [name, shape(prototype)])

afterEach(() => {
  expect(Object.entries(watched).map(([name, { prototype }]) => [name, shape(prototype)])).toEqual(before)
})

/** Names that mean something to every object, and to those who look keys up without care. */
export const PROTOTYPE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'toJSON',
]
