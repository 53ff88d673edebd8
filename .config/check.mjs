// What `tsc -p .` and ESLint find, on one program: it takes two thirds of the time of both.
import { ESLint } from 'eslint'
import ts from 'typescript'
import { WITHOUT_TYPES } from './eslint.config.js'

const parsed = ts.getParsedCommandLineOfConfigFile(
  'tsconfig.json',
  {},
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
)
const program = ts.createProgram({
  rootNames: parsed.fileNames,
  options: parsed.options,
  configFileParsingDiagnostics: parsed.errors,
})
const problems = ts.getPreEmitDiagnostics(program)
const host = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => '\n',
}
process.stdout.write(ts.formatDiagnostics(problems, host))

const eslint = new ESLint({
  overrideConfigFile: '.config/eslint.config.js',
  overrideConfig: [
    {
      ignores: WITHOUT_TYPES,
      languageOptions: { parserOptions: { programs: [program], project: null } },
    },
  ],
})
const results = await eslint.lintFiles(['.'])
const formatter = await eslint.loadFormatter('stylish')
process.stdout.write(await formatter.format(results))
const isClean = results.every(({ errorCount, warningCount }) => errorCount + warningCount === 0)
process.exitCode = problems.length === 0 && isClean ? 0 : 1

function fail(diagnostic) {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
}
