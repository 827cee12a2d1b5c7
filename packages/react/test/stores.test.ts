// A channel bound to a store: Zustand's own, and Redux Toolkit's, as an app has them.

import { configureStore, createSlice } from '@reduxjs/toolkit'
import { bindDispatch, channelActions } from '@tidings/react/redux'
import { bindStore } from '@tidings/react/zustand'
import { expect, test } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { openPage } from './harness.tsx'
import { hello, lobby, type Message } from './lobby.ts'

test("a store of Zustand holds what it wants of the channel's state, and counts its events", async () => {
  const page = openPage()
  const store = createStore(() => ({ messages: [] as readonly Message[], news: 0, theme: 'dark' }))
  const stop = bindStore(store, page.client.channel(lobby()), {
    state: (messages) => ({ messages }),
    on: { said: ({ news }, _, { origin }) => (origin === 'live' ? { news: news + 1 } : undefined) },
  })
  await page.settle()
  page.server.say(lobby(), ['one', 'two'])
  await page.settle()
  expect(store.getState().messages.map(({ text }) => text)).toEqual(['one', 'two'])
  expect(store.getState()).toMatchObject({ news: 2, theme: 'dark' })
  stop()
  page.server.say(lobby(), ['three'])
  await page.advance(2_000)
  expect(store.getState()).toMatchObject({ news: 2 })
  expect(page.server.frames('unsubscribe')).toHaveLength(1)
})

test('a store of Redux Toolkit gets every event as an action, once and in order, typed by the contract', async () => {
  const page = openPage()
  const { events, stateChanged, reset } = channelActions(hello)
  const slice = createSlice({
    name: 'room',
    initialState: { texts: [] as string[], channels: [] as string[], size: 0, resets: 0 },
    reducers: {},
    extraReducers: (builder) =>
      builder
        .addCase(events.said, (state, { payload, meta }) => {
          state.texts.push(payload.text)
          state.channels.push(meta.channel)
        })
        .addCase(stateChanged, (state, { payload }) => {
          state.size = payload.length
        })
        .addCase(reset, (state) => {
          state.resets++
        }),
  })
  const store = configureStore({ reducer: slice.reducer })
  const stop = bindDispatch(store.dispatch, page.client.channel(lobby()))
  await page.settle()
  page.server.say(lobby(), ['one', 'two'])
  await page.settle()
  page.server.broadcast('hello/lobby', {
    type: 'reset',
    channel: 'hello/lobby',
    reason: 'epoch',
    position: 'e2:0:',
  })
  await page.settle()
  expect(store.getState()).toMatchObject({
    texts: ['one', 'two'],
    channels: ['hello/lobby', 'hello/lobby'],
    resets: 1,
  })
  expect(events.said.type).toBe('hello/:room/said')
  expect(events.said.match({ type: 'hello/:room/said' })).toBe(true)
  stop()
  await page.advance(2_000)
  expect(page.server.frames('unsubscribe')).toHaveLength(1)
})
