import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

/** What happens to a request. */
export type Fault =
  /** It is carried out, and nobody hears of it. */
  | 'reply lost'
  /** It is not carried out, and AWS's error has this name. */
  | { error: string; status?: number; reasons?: string[] }

/** What a client sent. */
export interface Sent {
  /** E.g. `PutItem`. */
  operation: string
  /** Counted from 1, of this operation. */
  nth: number
}

/** Lets requests of a client fail. @returns what was sent so far. */
export function withFaults(
  client: DynamoDBClient,
  faultOf: (sent: Sent) => Fault | undefined,
): Sent[] {
  const sent: Sent[] = []
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, '')
        const nth = sent.filter((one) => one.operation === operation).length + 1
        sent.push({ operation, nth })
        const fault = faultOf({ operation, nth })
        if (fault !== undefined && fault !== 'reply lost') throw thrown(fault)
        const reply = await next(args)
        if (fault === undefined) return reply
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      },
    // Within the repeats of the SDK.
    { step: 'finalizeRequest', priority: 'low' },
  )
  return sent
}

function thrown({ error, status = 400, reasons }: Exclude<Fault, string>): Error {
  return Object.assign(new Error('secret details'), {
    name: error,
    $metadata: { httpStatusCode: status },
    ...(reasons && { CancellationReasons: reasons.map((Code) => ({ Code })) }),
  })
}
