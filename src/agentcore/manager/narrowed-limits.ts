import type { CheckedSignedLimits } from '../../limits/check-limits.js'

/** Both limits together. The order of the schemes is that of the first. */
export function narrowed(
  one: CheckedSignedLimits,
  other: CheckedSignedLimits,
): CheckedSignedLimits {
  return {
    schemes: both(one.schemes, other.schemes, (a, b) => a.filter((name) => b.includes(name))),
    assets: [...one.assets, ...other.assets],
    payees: [...one.payees, ...other.payees],
    hosts: [...one.hosts, ...other.hosts],
    maxAmountPerPayment: both(one.maxAmountPerPayment, other.maxAmountPerPayment, smaller),
    maxTimeoutSeconds: both(one.maxTimeoutSeconds, other.maxTimeoutSeconds, smaller),
  }
}

function both<T>(a: T | undefined, b: T | undefined, join: (a: T, b: T) => T): T | undefined {
  return a === undefined ? b : b === undefined ? a : join(a, b)
}

function smaller<T extends bigint | number>(a: T, b: T): T {
  return a < b ? a : b
}
