/** Says why an optional package could not be loaded, and what to do. */
export function notLoaded(name: string, error: unknown): string {
  return `${name} ${whyNot(error, name)}`
}

/** Installing a package again does not help if it is there and lacks a package of its own. */
function whyNot(error: unknown, name: string): string {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}
  const isAbsent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  if (isAbsent && message?.includes(`'${name}'`)) return `is not installed: npm install ${name}`
  return 'cannot be loaded; see the cause'
}
