import { memoryStore, type PaymentStore } from '../../src/index.js'

/** The store of a file of tests. `undefined`: the default store of the process. */
let shared: PaymentStore | undefined
let make: () => PaymentStore | Promise<PaymentStore> = () => memoryStore()

/**
 * Lets the tests run on another kind of store.
 *
 * @param other `shared` is for all sales that name no store, `make` makes a new one
 */
export function testOn(other: { shared: PaymentStore; make: () => Promise<PaymentStore> }): void {
  ;({ shared, make } = other)
}

/** The option of a sale that names no store. */
export function defaultStore(): { paymentStore?: PaymentStore } {
  return shared === undefined ? {} : { paymentStore: shared }
}

/** Makes a new store. */
export async function newStore(): Promise<PaymentStore> {
  return make()
}

/** Whether every container shares the store. */
export function isShared(): boolean {
  return shared?.scope === 'shared'
}
