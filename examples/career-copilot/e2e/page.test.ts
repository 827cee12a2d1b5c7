// The pages as a person meets them: by keyboard, by screen reader, in the dark, on a phone; colours, numbers, wishes.

import { findings } from '@tidings/example-hello/e2e/axe.ts'
import { launch, type Visit, visit } from '@tidings/example-hello/e2e/browser.ts'
import { Link } from '@tidings/example-hello/e2e/link.ts'
import { Site, until } from '@tidings/example-hello/e2e/site.ts'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { feed } from './feed.ts'
import {
  badge,
  banner,
  bell,
  hasFocus,
  jobsLink,
  listenToAnnouncer,
  open,
  openTab,
  toastOf,
  toasts,
  unread,
  untilConnected,
} from './people.ts'

const phone: Visit = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const desk: Visit = { viewport: { width: 1280, height: 900 } }

let browser: Browser
let site: Site
beforeAll(async () => {
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

it('Tab goes through the head in the order of the eye, and the focus is always seen', async () => {
  const page = await open(browser, `${site.url}${path}`, desk)
  const seen: string[] = []
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press('Tab')
    const { name, isMarked } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      const isOutlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
      const text = element.getAttribute('aria-label') ?? element.textContent ?? ''
      return { name: text.trim(), isMarked: isOutlined || boxShadow !== 'none' }
    })
    expect(isMarked, name).toBe(true)
    seen.push(name)
  }
  expect(seen).toEqual([
    'Skip to the content',
    'Career Copilot',
    'Dashboard',
    'Jobs',
    'Applications',
    expect.stringMatching(/^Connection: Connected/),
    expect.stringMatching(/^Notifications/),
    'Dark theme',
  ])
})

for (const colorScheme of ['light', 'dark'] as const) {
  it(`axe finds nothing in what comes and goes, ${colorScheme}: toasts, banner, panels, preferences, nothing yet`, async () => {
    const link = await Link.to(site.port)
    onTestFinished(() => link.close())
    const user = `axe-${colorScheme}`
    const page = await open(browser, `${link.url}${path}/jobs?user=${user}`, {
      ...desk,
      colorScheme,
      reducedMotion: 'reduce',
    })
    await page.getByText('No jobs yet').waitFor()
    expect(await findings(page)).toEqual([])
    await bell(page).click()
    await page.getByRole('button', { name: 'Preferences' }).click()
    await page.getByText('Quiet hours').waitFor()
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    for (const to of ['offer', 'rejected', 'under_review'])
      await feed(
        site,
        ...['--user', user, 'status', '--application', `app-${to}`],
        ...['--from', 'submitted', '--to', to, '--company', `Company ${to}`],
      )
    await toastOf(page, 'Company under_review').waitFor()
    // The time stands still for whoever points at a toast.
    await toastOf(page, 'Company under_review').hover()
    expect(await findings(page)).toEqual([])
    link.cut()
    await banner(page).waitFor()
    await page.getByRole('button', { name: /^Connection:/ }).click()
    await page.getByRole('dialog', { name: 'Connection' }).waitFor()
    expect(await findings(page)).toEqual([])
  })
}

it('by keyboard alone: skip link, pages, a job, the bell and its preferences, which stay on this device', async () => {
  const page = await open(browser, `${site.url}${path}`, desk)
  await page.keyboard.press('Tab')
  expect(await hasFocus(page, '.cc-skip')).toBe(true)
  await page.keyboard.press('Enter')
  await until('the content has the focus', () => hasFocus(page, 'main'))
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
  await page.reload()
  await bell(page).press('Enter')
  await panel.getByRole('button', { name: 'Preferences' }).press('Enter')
  expect(await panel.getByRole('checkbox').first().isChecked()).toBe(false)
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
  const said = await listenToAnnouncer(page)
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
  await until('all is said', async () => {
    const lines = (await said()).join('\n')
    return news.every(([status]) => lines.includes(`Company ${status}`))
  })
})

it('of notifications each category has its look, and its action leads there', async () => {
  const page = await open(browser, `${site.url}${path}?user=categories`, desk)
  const looks = [
    ['system', 'warning'],
    ['job_alert', 'primary'],
    ['application', 'success'],
    ['recommendation', 'info'],
    ['social', 'default'],
  ] as const
  for (const [category, variant] of looks) {
    const notify = [
      '--user',
      'categories',
      'notify',
      '--category',
      category,
      '--title',
      `News of ${category}`,
    ]
    await feed(site, ...notify, '--url', `${path}/applications`, '--label', 'Look')
    const toast = toastOf(page, `News of ${category}`)
    await toast.waitFor()
    expect(await toast.getAttribute('data-variant')).toBe(variant)
  }
  await until('the bell counts all', async () => (await unread(page)) === looks.length)
  await toastOf(page, 'News of social').getByRole('button', { name: 'Look' }).click()
  await page.getByRole('heading', { level: 1, name: 'Applications' }).waitFor()
})

it('toasts close by themselves after 3 to 5 s, whatever their news, also with an action', async () => {
  const page = await open(browser, `${site.url}${path}?user=closing`, desk)
  await page.evaluate(() => {
    const shown = new Map<string, { from: number; to?: number }>()
    Object.assign(window, { shown })
    new MutationObserver(() => {
      const now = performance.now()
      const titles = new Set(
        [...document.querySelectorAll('[data-sonner-toast]:not([data-removed="true"]) .td-toast-title')].map(
          ({ textContent }) => textContent ?? '',
        ),
      )
      for (const title of titles) if (!shown.has(title)) shown.set(title, { from: now })
      for (const [title, time] of shown) if (!titles.has(title)) time.to ??= now
    }).observe(document, { childList: true, subtree: true, attributes: true })
  })
  const say = (...news: string[]) => feed(site, '--user', 'closing', ...news)
  await say('match', '--title', 'Weir keeper', '--company', 'Landesamt Ems')
  const status = ['status', '--application', 'app-7', '--from', 'submitted']
  await say(...status, '--to', 'rejected', '--company', 'Perch & Tern')
  await say('notify', '--category', 'system', '--title', 'Maintenance at six')
  const times = () =>
    page.evaluate(() =>
      [...(window as unknown as { shown: Map<string, { from: number; to?: number }> }).shown].map(
        ([title, { from, to }]) => [title, to === undefined ? undefined : to - from] as const,
      ),
    )
  await until('three have come and gone', async () => {
    const all = await times()
    return all.length === 3 && all.every(([, ms]) => ms !== undefined)
  })
  for (const [title, ms = 0] of await times()) {
    expect(ms, title).toBeGreaterThanOrEqual(3_000)
    // Five, and what a busy machine adds: a page that is held up closes them later.
    expect(ms, title).toBeLessThan(15_000)
  }
})

it('nobody who wants no sound hears one', async () => {
  const { page, context } = await visit(browser, `${site.url}${path}?user=silent`, desk)
  onTestFinished(() => context.close())
  await context.addInitScript(() => {
    const kept = { isSoundOn: true, categories: { social: { toast: true, badge: true, sound: false } } }
    localStorage.setItem('notificationPreferences', JSON.stringify(kept))
    const create = BaseAudioContext.prototype.createOscillator
    Object.assign(window, { tones: 0 })
    BaseAudioContext.prototype.createOscillator = function () {
      ;(window as unknown as { tones: number }).tones++
      return create.call(this)
    }
  })
  await page.reload()
  await untilConnected(page)
  await page.getByRole('heading', { level: 1 }).click()
  const tones = () => page.evaluate(() => (window as unknown as { tones: number }).tones)
  const notify = ['--user', 'silent', 'notify', '--title']
  await feed(site, ...notify, 'Somebody wrote', '--category', 'social')
  await toastOf(page, 'Somebody wrote').waitFor()
  await feed(site, ...notify, 'Maintenance at six', '--category', 'system')
  await toastOf(page, 'Maintenance at six').waitFor()
  // Two tones are one sound: that of the second.
  await until('it has sounded', async () => (await tones()) === 2)
})

it('an application that moves changes its row, the figures and the list of what waits, at once', async () => {
  const page = await open(browser, `${site.url}${path}`, desk)
  const interviews = page.locator('.cc-figure').filter({ hasText: 'Interviews' }).locator('dd')
  const lately = page.locator('[data-application="app-212"]')
  await lately.getByText('In review').waitFor()
  const before = Number(await interviews.innerText())
  const status = ['status', '--application', 'app-212', '--from', 'under_review', '--to', 'interview']
  await feed(site, ...status, '--company', 'Tramontana Rail')
  await lately.getByText('Interview').waitFor()
  await until('the figure follows', async () => Number(await interviews.innerText()) === before + 1)
  await toastOf(page, 'Interview: Tramontana Rail').getByRole('button', { name: 'View' }).click()
  await page.getByRole('list', { name: 'Your turn' }).locator('[data-application="app-212"]').waitFor()
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

for (const [name, size] of [
  ['a desk', desk],
  ['a phone', phone],
] as const) {
  it(`long names have room on ${name}: nothing is covered, nothing scrolls sideways, and a toast leaves the navigation free`, async () => {
    const user = `long-${name.split(' ')[1]}`
    const company = 'Gemeinschaftsverwaltung Wasserwirtschaft und Hochwasserschutz Nordost-Oberfranken'
    const match = ['--user', user, 'match', '--company', company, '--score', '97', '--title']
    const title = 'Senior principal hydrological data platform engineer, transboundary catchments'
    await feed(
      site,
      ...match,
      title,
      '--location',
      'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch',
    )
    const page = await open(browser, `${site.url}${path}/jobs?user=${user}`, size)
    const width = size.viewport?.width ?? 0
    const fits = async () =>
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    const row = page.locator('.cc-job').first()
    await row.waitFor()
    const list = await boxOf(row)
    expect(list.right).toBeLessThanOrEqual(
      size === phone ? width - 12 : (await boxOf(page.locator('.cc-job-pane'))).left,
    )
    await fits()
    await page.locator('.cc-job-link').first().click()
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('article').getByText('Applied').waitFor()
    await fits()
    await feed(site, ...match, `${title} and flood forecasting`)
    await toastOf(page, 'flood forecasting').waitFor()
    if (size === phone) {
      await until('the toast has come to rest above the navigation', async () => {
        const [toast, navigation] = [await boxOf(toasts(page).first()), await boxOf(page.locator('.cc-nav'))]
        return toast.bottom <= navigation.top
      })
    }
    await page.getByRole('navigation').getByRole('link', { name: 'Applications' }).click()
    await page.locator('.cc-application').first().waitFor()
    await fits()
  })
}

for (const [device, chosen] of [
  ['light', 'dark'],
  ['dark', 'light'],
] as const) {
  it(`on a ${device} device the theme is ${device} until the person chooses ${chosen}: then in every tab, and after a reload`, async () => {
    const page = await open(browser, `${site.url}${path}`, { ...desk, colorScheme: device })
    const isDark = (tab: Page) =>
      tab.evaluate(() => {
        const canvas = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D
        canvas.fillStyle = getComputedStyle(document.body).backgroundColor
        canvas.fillRect(0, 0, 1, 1)
        return (canvas.getImageData(0, 0, 1, 1).data[1] ?? 0) < 128
      })
    const shows = async (tab: Page, theme: 'light' | 'dark') => {
      await until(`it is ${theme}`, async () => (await isDark(tab)) === (theme === 'dark'))
      await tab.getByRole('button', { name: 'Dark theme', pressed: theme === 'dark' }).waitFor()
    }
    await shows(page, device)
    // It follows the device while nobody has chosen.
    await page.emulateMedia({ colorScheme: chosen })
    await shows(page, chosen)
    await page.emulateMedia({ colorScheme: device })
    await shows(page, device)
    const other = await openTab(page.context(), `${site.url}${path}`)
    await page.getByRole('button', { name: 'Dark theme' }).click()
    for (const tab of [page, other]) await shows(tab, chosen)
    await page.reload()
    await shows(page, chosen)
  })
}

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

const boxOf = (element: Locator) =>
  element.evaluate((each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect()
    return { left, right, top, bottom }
  })
