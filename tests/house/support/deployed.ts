import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { run } from '../../support/built.js'
import { readYaml, without, type Resource, type Template } from './cloudformation.js'

export const DEPLOY = path.resolve('examples/deploy')

/** For children that run nothing of dist/: their coverage would only be slow. */
export const withoutCoverage = without(process.env, ['NODE_V8_COVERAGE'])

export type Kind = 'CDK' | 'SAM'
export type StackName = 'decorator' | 'interceptor'

type Context = Record<string, string>

/** What examples/deploy would deploy. */
export interface Deployed {
  /**
   * @param context of the CDK app, by default the first
   * @throws what the CDK app says of a context it refuses
   */
  template(kind: Kind, name: StackName, context?: Context): Template
}

/** Synthesises the CDK app from a bundle in `folder`, once for each context, and reads the SAM templates. */
export async function deployed(folder: string, contexts: Context[]): Promise<Deployed> {
  const sam = {
    decorator: readYaml(samFile('decorator')),
    interceptor: readYaml(samFile('interceptor')),
  }
  const cdk = await synthesise(folder, contexts)
  return {
    template(kind, name, context = contexts[0]) {
      if (kind === 'SAM') return sam[name]
      const made = cdk[contexts.findIndex((one) => one === context)]
      if (typeof made !== 'object') throw new Error(made)
      return made[name]
    },
  }
}

/**
 * Bundles the Lambdas and the CDK app, as `npm run build` in examples/deploy does, but into a folder of
 * its own, below examples/deploy so that the app finds its packages. Whoever asked for it removes it.
 */
export async function bundled(): Promise<string> {
  const cache = path.join(DEPLOY, '.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(path.join(cache, 'bundle-'))
  await run(process.execPath, ['build.mjs', folder], { cwd: DEPLOY, env: withoutCoverage })
  return folder
}

export function samFile(name: string): string {
  return path.join(DEPLOY, `template-${name}.yaml`)
}

/**
 * Runs the app with the variables that CDK's command line tool sets. One process serves all contexts, since
 * loading CDK takes longest; it synthesises when it is about to end.
 *
 * @returns the templates for each context, or why it was refused
 */
async function synthesise(
  bundle: string,
  contexts: readonly Context[],
): Promise<(Record<StackName, Template> | string)[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-cdk-'))
  const script = `
    const refused = []
    for (const [index, context] of ${JSON.stringify(contexts)}.entries()) {
      process.env.CDK_OUTDIR = ${JSON.stringify(folder)} + '/' + index
      process.env.CDK_CONTEXT_JSON = JSON.stringify(context)
      const app = ${JSON.stringify(pathToFileURL(path.join(bundle, 'cdk/app.mjs')).href)}
      await import(app + '?' + index).catch(({ message }) => (refused[index] = message))
    }
    console.log(JSON.stringify(refused))`
  const read = async (index: number, stack: string) =>
    JSON.parse(
      await readFile(path.join(folder, String(index), `${stack}.template.json`), 'utf8'),
    ) as Template
  try {
    const args = ['--input-type=module', '--eval', script]
    const { stdout } = await run(process.execPath, args, { env: withoutCoverage })
    const refused = JSON.parse(stdout) as (string | null)[]
    return await Promise.all(
      contexts.map(
        async (_, index) =>
          refused[index] ?? {
            decorator: await read(index, 'DecoratorStack'),
            interceptor: await read(index, 'InterceptorStack'),
          },
      ),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

export function resourcesOf({ Resources }: Template, type: string): [string, Resource][] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type)
}

/** @throws where there is no such resource, or not exactly one of them. */
export function propertiesOf(template: Template, type: string): Record<string, unknown> {
  const [first, ...rest] = resourcesOf(template, type)
  if (first === undefined || rest.length > 0) throw new Error(`not exactly one ${type}`)
  return first[1].Properties
}
