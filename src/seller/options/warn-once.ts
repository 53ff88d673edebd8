import type { Sale } from './sale.js'
import type { Settings } from './settings.js'

/** The warnings that each wrapper gave. A caller without payment must not fill its log. */
const warned = new WeakMap<Settings, Set<string>>()

/** Tells the developer about a mistake in a hook, once for each wrapper. */
export function warnOnce(
  { settings }: Pick<Sale, 'settings'>,
  message: string,
  details: Readonly<Record<string, unknown>>,
): void {
  const known = warned.get(settings) ?? new Set<string>()
  warned.set(settings, known)
  if (known.has(message)) return
  known.add(message)
  settings.logger.warn(message, { ...details })
}
