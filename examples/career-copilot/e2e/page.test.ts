// The pages as a person meets them: by keyboard, by screen reader, in the dark, on a phone; colours, numbers, wishes.

import { launch, type Visit } from '@tidings/example-hello/e2e/browser.ts'
import { buildPages, Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { feed } from './feed.ts'
import { badge, banner, bell, findings, hasFocus, jobsLink, open, toastOf, toasts, unread } from './people.ts'

const phone: Visit = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const desk: Visit = { viewport: { width: 1280, height: 900 } }

let browser: Browser
let site: Site
beforeAll(async () => {
  buildPages()
  browser = await launch()
  site = await Site.start()
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const path = '/career-copilot'

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, size] of [['a desk', desk] as const, ['a phone', phone] as const]) {
    it(`axe finds nothing on any page, ${colorScheme}, on ${name}; a phone scrolls one way and has room for a thumb`, async () => {
      const page = await open(browser, `${site.url}${path}`, {
        ...size,
        colorScheme,
        reducedMotion: 'reduce',
      })
      await page.locator('.cc-row').first().waitFor()
      expect(await findings(page)).toEqual([])
      await bell(page).click()
      await page.getByRole('dialog').waitFor()
      expect(await findings(page)).toEqual([])
      await page.keyboard.press('Escape')
      await jobsLink(page).click()
      await page.locator('.cc-job').first().waitFor()
      expect(await findings(page)).toEqual([])
      await page.getByRole('link', { name: /Hydrology data engineer/ }).click()
      await page.getByRole('button', { name: 'Apply' }).waitFor()
      expect(await findings(page)).toEqual([])
      await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click()
      await page.locator('.cc-application').first().waitFor()
      expect(await findings(page)).toEqual([])
      if (size !== phone) return
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      const small = await page
        .locator('.cc-head :is(a, button)')
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height).filter((h) => h < 44))
      expect(small).toEqual([])
    })
  }
}

it('by keyboard alone: skip link, pages, a job, the bell and its preferences, which stay on this device', async () => {
  const page = await open(browser, `${site.url}${path}`, desk)
  await page.keyboard.press('Tab')
  expect(await hasFocus(page, '.cc-skip')).toBe(true)
  await page.keyboard.press('Enter')
  expect(await hasFocus(page, 'main')).toBe(true)
  await jobsLink(page).press('Enter')
  await page.getByRole('link', { name: /Tide-gauge technician/ }).press('Enter')
  await page.getByRole('heading', { level: 2, name: /Tide-gauge technician/ }).waitFor()
  await bell(page).press('Enter')
  const panel = page.getByRole('dialog', { name: 'Notifications' })
  await panel.getByRole('button', { name: 'Preferences' }).press('Enter')
  await panel.getByRole('checkbox').first().press('Space')
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  const kept = await page.evaluate(() => localStorage.getItem('notificationPreferences'))
  expect(JSON.parse(kept ?? '')).toMatchObject({ categories: { system: { toast: false } } })
})

it('a category that is not wanted makes no toast, and the bell counts it all the same', async () => {
  const page = await open(browser, `${site.url}${path}?user=wishes`, desk)
  await page.evaluate(() =>
    localStorage.setItem(
      'notificationPreferences',
      JSON.stringify({ categories: { social: { toast: false, badge: true, sound: false } } }),
    ),
  )
  await page.reload()
  await page.getByText('No applications yet').waitFor()
  const notify = ['--user', 'wishes', 'notify', '--title']
  await until('it is connected', () => page.evaluate(() => window.career.isConnected()))
  await feed(site, ...notify, 'Somebody wrote', '--category', 'social')
  await feed(site, ...notify, 'Maintenance at six', '--category', 'system')
  await toastOf(page, 'Maintenance at six').waitFor()
  await until('the bell counts both', async () => (await unread(page)) === 2)
  expect(await toastOf(page, 'Somebody wrote').count()).toBe(0)
})

it('toasts have the colour of the news: green, red, blue; each is said to screen readers', async () => {
  const page = await open(browser, `${site.url}${path}?user=colours`, desk)
  const news = [
    ['offer', 'success'],
    ['accepted', 'success'],
    ['interview', 'success'],
    ['rejected', 'error'],
    ['declined', 'error'],
    ['under_review', 'info'],
  ] as const
  await page.evaluate(() => {
    const said: string[] = []
    Object.assign(window, { said })
    new MutationObserver(() => {
      for (const region of document.querySelectorAll('[data-announcer] > *'))
        said.push(region.textContent ?? '')
    }).observe(document.querySelector('[data-announcer]') as Element, {
      childList: true,
      subtree: true,
      characterData: true,
    })
  })
  for (const [status, variant] of news) {
    await feed(
      site,
      ...['--user', 'colours', 'status', '--application', `app-${status}`],
      ...['--from', 'submitted', '--to', status, '--company', `Company ${status}`],
    )
    const toast = toastOf(page, `Company ${status}`)
    await toast.waitFor()
    expect(await toast.getAttribute('data-variant')).toBe(variant)
  }
  await until('all is said', () =>
    page.evaluate(
      (count) =>
        new Set((window as unknown as { said: string[] }).said.filter((text) => text.includes('Company')))
          .size >= count,
      news.length,
    ),
  )
})

it('above 99 the badge says 99+', async () => {
  const job = {
    company: 'Elvia Nett',
    location: 'Hamar',
    mode: 'remote',
    posted_at: new Date().toISOString(),
  }
  const events = Array.from({ length: 120 }, (_, i) => ({
    type: 'job:recommendation',
    data: { job: { ...job, id: `many-${i}`, title: `Planner ${i}` } },
  }))
  for (const half of [events.slice(0, 60), events.slice(60)]) {
    const response = await fetch(`${site.url}/v1/channels/career%2Fmany%2Fjobs/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(half),
    })
    expect(response.status).toBe(201)
  }
  const page = await open(browser, `${site.url}${path}?user=many`, desk)
  await jobsLink(page).getByText('99+').waitFor()
  expect(await jobsLink(page).textContent()).toContain('120 new')
  expect(await badge(page)).toBe(99)
})

it('the theme is the device’s until the person chooses, and then theirs after a reload', async () => {
  const page = await open(browser, `${site.url}${path}`, { ...desk, colorScheme: 'light' })
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await background()
  const button = page.getByRole('button', { name: 'Dark theme' })
  await button.click()
  await until('it is dark', async () => (await background()) !== light)
  expect(await button.getAttribute('aria-pressed')).toBe('true')
  await page.reload()
  await button.waitFor()
  await until('it is dark again', async () => (await background()) !== light)
})

it('a device without a network is told so, and reconnected when it has one; a closed connection opens by hand', async () => {
  const page = await open(browser, `${site.url}${path}`, desk)
  const isConnected = () => page.evaluate(() => window.career.isConnected())
  await page.context().setOffline(true)
  await banner(page).getByText('This device is offline').waitFor()
  await toastOf(page, 'Connection Lost').waitFor()
  await page.context().setOffline(false)
  await until('it is connected', isConnected)
  await toastOf(page, 'Reconnected').waitFor()

  await page.evaluate(() => window.career.disconnect())
  await page.getByRole('button', { name: /^Connection: Not connected/ }).click()
  await page.getByRole('dialog', { name: 'Connection' }).getByRole('button', { name: 'Try now' }).click()
  await until('it is connected', isConnected)
  await until('toasts are gone', async () => (await toasts(page).count()) === 0)
})
