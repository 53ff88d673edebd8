import { errorsPage } from './errors/page.js'
import { optionsPage } from './options/page.js'

/** Pages that are made from the source, and what makes them. */
export const PAGES: Readonly<Record<string, () => Promise<string>>> = {
  'docs/options.md': optionsPage,
  'docs/errors.md': errorsPage,
}
