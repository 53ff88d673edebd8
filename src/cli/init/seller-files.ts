import { readFile } from 'node:fs/promises'
import { packageJson } from './package-json.js'
import type { NewFile } from './write-files.js'

/** The files that are copied from `template/`, beside the one that npm would leave out of a package by its name. */
const COPIED = [
  'README.md',
  'tsconfig.json',
  'src/handler.ts',
  'test/handler.test.ts',
  'deploy/build.mjs',
  'deploy/lambda.ts',
  'deploy/template.yaml',
]

/** This file may be there already, e.g. in a new repository. */
export const IGNORE_FILE = '.gitignore'

/** The files of a seller's folder. @param version what npm installs as agentcore-x402 */
export async function sellerFiles(name: string, version: string): Promise<NewFile[]> {
  const copied = COPIED.map(async (file) => ({ name: file, text: await templateOf(file) }))
  const [readme, ...rest] = await Promise.all(copied)
  return [
    { name: 'package.json', text: packageJson(name, version) },
    { name: IGNORE_FILE, text: await templateOf('gitignore') },
    ...(readme ? [{ ...readme, text: readme.text.replace('{{name}}', name) }] : []),
    ...rest,
  ]
}

function templateOf(file: string): Promise<string> {
  return readFile(new URL(`template/${file}`, import.meta.url), 'utf8')
}
