import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { run } from '../../support/built.js'
import { readYaml, without, type Resource, type Template } from './cloudformation.js'

export const DEPLOY = path.resolve('examples/deploy')

/**
 * The environment without coverage. It is for children that run nothing of dist/, where coverage is only
 * slow.
 */
export const withoutCoverage = without(process.env, ['NODE_V8_COVERAGE'])

export type Kind = 'CDK' | 'SAM'
export type StackName = 'decorator' | 'interceptor' | 'payments'

type Context = Record<string, string>

/** The templates that examples/deploy would deploy. */
export interface Deployed {
  /**
   * A template.
   *
   * @param context of the CDK app, by default the first
   * @throws the error of the CDK app if it refuses the context
   */
  template(kind: Kind, name: StackName, context?: Context): Template
}

/** Runs the CDK app from a bundle in `folder`, once for each context, and reads the SAM templates. */
export async function deployed(folder: string, contexts: Context[]): Promise<Deployed> {
  const sam = {
    decorator: readYaml(samFile('decorator')),
    interceptor: readYaml(samFile('interceptor')),
    payments: readYaml(samFile('payments')),
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
 * Bundles the Lambdas and the CDK app, as `npm run build` in examples/deploy does. The bundle is in a new
 * folder below examples/deploy, so that the app finds its packages. The caller removes the folder.
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
 * Runs the app with the variables that CDK's command line tool sets. One process does all contexts, since
 * loading CDK takes longest. The app writes its templates when it ends.
 *
 * @returns the templates for each context, or why the context was refused
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
            payments: await read(index, 'PaymentsStack'),
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

/**
 * The properties of the one resource of a type.
 *
 * @throws if there is none, or more than one
 */
export function propertiesOf(template: Template, type: string): Record<string, unknown> {
  const [first, ...rest] = resourcesOf(template, type)
  if (first === undefined || rest.length > 0) throw new Error(`not exactly one ${type}`)
  return first[1].Properties
}
