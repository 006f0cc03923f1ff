import { build } from 'esbuild';

/** One plain ES module out of a TypeScript file and what it imports; `external` imports stay imports. */
export async function bundle(file: string, external: string[] = []): Promise<string> {
  const result = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
    external,
    logLevel: 'warning',
  });
  const [output] = result.outputFiles;
  if (!output) throw new Error(`esbuild made nothing out of ${file}`);
  return output.text;
}
