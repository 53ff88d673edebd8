import fc from 'fast-check'

// One seed serves the whole run, which prints it at its end. `FC_SEED=… npm run test:jest` repeats the run.
const seed = Number(process.env['FC_SEED'])
if (!Number.isInteger(seed))
  throw new Error('FC_SEED is not set: run the tests by npm run test:jest')
fc.configureGlobal({ seed })

/** Values of any kind, also those that JSON does not have. */
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
})

export { anything, fc }
