import { test } from '@jest/globals'
import { bothPhases, hello } from './support/phases.js'
import { SHARINGS, callWith, sharing } from './support/sealed-calls.js'
import { stack } from './support/seller.js'
test('x', async () => {
  for (const how of SHARINGS) for (const carrier of ['h','a']) {
    const local = await stack()
    const p = { 'payment-signature': local.accessToken() }
    const event = carrier === 'h' ? callWith(p) : callWith({}, { args: { headers: p } })
    await bothPhases(sharing(local, how), event, hello, { ...how, responses: 3 })
    console.log(JSON.stringify(how), carrier, local.balance())
  }
})
