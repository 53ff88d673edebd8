import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'

const require = createRequire(import.meta.url)

/** A page in a browser, and what went wrong in it. */
export interface OpenPage {
  page: Page
  /** Errors of scripts, of the console, and of requests. */
  problems: string[]
}

export function launch(executablePath: string): Promise<Browser> {
  return puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('requestfailed', (request) => {
    problems.push(`${request.url()}: ${request.failure()?.errorText}`)
  })
  await page.setViewport({ width: 1_280, height: 900 })
  await page.goto(url)
  return { page, problems }
}

/** How a page is shown. */
export interface Look {
  theme: 'light' | 'dark'
  width: number
}

export async function look(page: Page, { theme, width }: Look): Promise<void> {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }])
  await page.setViewport({ width, height: 800 })
}

/** What axe-core finds that shuts people out. @see https://github.com/dequelabs/axe-core */
export async function barriers(page: Page): Promise<string[]> {
  const source = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(source)
  const found = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[]
  }
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
