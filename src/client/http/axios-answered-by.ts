import type { AxiosResponse } from 'axios'
import { isRecord } from '../../wire/json.js'

type Fetch = typeof globalThis.fetch

/** The URL that answered each request. axios' adapter for `fetch` does not tell it. */
const answeredBy = new WeakMap<object, string>()
const notingOf = new WeakMap<Fetch, Fetch>()

/** The same function for the same `fetch`, since axios keeps an adapter for each. */
export function noting(fetch: Fetch): Fetch {
  const known = notingOf.get(fetch)
  if (known !== undefined) return known
  const noted: Fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (typeof input === 'object') answeredBy.set(input, response.url)
    return response
  }
  // A call may be made again with the config it had: a wrapped `fetch` is not wrapped again.
  notingOf.set(fetch, noted).set(noted, noted)
  return noted
}

/** The URL that answered, after redirects. The adapters for Node and `XMLHttpRequest` tell it. */
export function responseUrl(response: AxiosResponse | undefined): string | undefined {
  const request: unknown = response?.request
  const noted = isRecord(request) ? answeredBy.get(request) : undefined
  if (noted) return noted
  if (!isRecord(request)) return undefined
  const { res, responseURL } = request
  const url = isRecord(res) ? res['responseUrl'] : responseURL
  return typeof url === 'string' && url !== '' ? url : undefined
}
