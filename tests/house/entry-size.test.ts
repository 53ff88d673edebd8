import { beforeAll, expect, test } from '@jest/globals'
import { build, type Metafile } from 'esbuild'
import { MINIMAL, chunksAtOnce } from '../../bench/bundle.js'
import { built } from '../support/built.js'

beforeAll(built, 60_000)

/** What a seller's Lambda may load before its first call, minified, HTTP library left out. Unit: bytes. */
const MAX_BYTES = 140_100

async function minimalSeller(): Promise<Metafile> {
  const { metafile } = await build({
    stdin: { contents: MINIMAL, resolveDir: process.cwd(), sourcefile: 'minimal.ts', loader: 'ts' },
    bundle: true,
    minify: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outdir: '.cache/entry-size',
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  return metafile
}

test('the entry of a minimal seller stays small, and what its first paid call does not need is loaded later', async () => {
  const files = chunksAtOnce(await minimalSeller()).flatMap(({ inputs }) => Object.entries(inputs))
  const bytes = files.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)
  expect(files.map(([file]) => file)).toContain('dist/seller/requires-payment.js')
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES)
  const later = files.filter(([file]) => LOADED_LATER.test(file)).map(([file]) => file)
  expect(later).toEqual([])
})

const LOADED_LATER =
  /dist\/(http\/transport|facilitators\/failover|nevermined\/buyer-calls|errors\/facilitator-failure|seller\/(phases\/|answer-other-methods|answer-no-call|handler-failed|reply\/(on-failure|unknown-tool|log-invalid)|events\/(http-event|gateway-http|cors\.|caching|http\/parts)|reply\/on-failure|payment\/(failures|meet)|rails\/asset|price\/asset-quote|answer\/read-output))/
