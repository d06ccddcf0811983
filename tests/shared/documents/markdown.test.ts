import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markdownLatex, markdownMarkup, parseMarkdown } from '../../../src-shared/documents/markdown.ts'
import { elementsIn, hostileNames } from '../support.ts'

const html = (text: string): string => markdownMarkup(parseMarkdown(text)).text

describe('Markdown in a report', () => {
  it('becomes headings, emphasis, lists, quotes, code, tables and links to the web', () => {
    expect(html('# A\n\nb *c* **d** `e`  \nf ~~g~~')).toBe(
      '<h2>A</h2><p>b <em>c</em> <strong>d</strong> <code>e</code><br>f <del>g</del></p>'
    )
    expect(html('1. a\n2. b\n\n- c')).toBe('<ol start="1"><li>a</li><li>b</li></ol><ul><li>c</li></ul>')
    expect(html('> q\n\n```\n<x>\n```\n\n---')).toBe('<blockquote><p>q</p></blockquote><pre>&lt;x&gt;</pre><hr>')
    expect(html('| a |\n|---|\n| 1 |')).toContain('<th scope="col">a</th></tr></thead><tbody><tr><td>1</td>')
    expect(html('[a](https://b.c/d?e=1&f=2)')).toBe(
      '<p><a rel="noopener noreferrer" href="https://b.c/d?e=1&amp;f=2">a</a></p>'
    )
  })
  it.each([
    '<img src=x onerror=alert(1)>',
    'a <b onclick="x">b</b>',
    '<script>alert(1)</script>',
    '![a](https://tracker.example/p.png)',
    '[a](javascript:alert(1))',
    '[a](data:text/html,x)',
    '[a]( https://b" onmouseover="x )',
    '<https://a.b/"onclick=x>',
    '[a]: javascript:alert(1)\n\n[a]',
    ...hostileNames
  ])('makes nothing else of it: %j', (text) => {
    for (const element of elementsIn(html(text)))
      expect(element).toMatch(
        /^(p|h\d|em|strong|del|code|br|ul|ol|li|blockquote|pre|hr|div|table|thead|tbody|tr|th|td|a) ?(class|scope|start|rel href)?$/
      )
    expect(html(text)).not.toMatch(/href="(?!https?:\/\/)/)
  })
  it('makes only known elements of any text at all', () => {
    const unit = fc.constantFrom(
      ...'<>&"\'()[]!*_`#-|:/\\ \n',
      'a',
      'https://x',
      'javascript:',
      'onclick=',
      '<img ',
      '\n\n'
    )
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        for (const element of elementsIn(html(text)))
          expect(element.split(' ')[0]).toMatch(
            /^(p|h\d|em|strong|del|code|br|ul|ol|li|blockquote|pre|hr|div|table|thead|tbody|tr|th|td|a)$/
          )
        expect(html(text)).not.toMatch(/<[a-z]+[^>]* on\w+=/)
      })
    )
  })
  it('is cut where it nests too deeply to mean anything', () => {
    expect(html(`${'> '.repeat(500)}a`).length).toBeLessThan(5000)
  })
  it('goes into LaTeX too, special characters escaped', () => {
    expect(markdownLatex(parseMarkdown('# 50 % & more\n\n*a_b*'))).toBe('\\section{50 \\% \\& more}\n\n\\emph{a\\_b}\n')
    expect(markdownLatex(parseMarkdown('- [x]'))).toContain('\\item{} {[}x]')
  })
})

describe('formulas in Markdown', () => {
  const latex = (text: string): string => markdownLatex(parseMarkdown(text)).trim()
  it('are set by KaTeX in HTML and kept as they are in LaTeX', () => {
    expect(html('so $a_i^2 + b$ is')).toMatch(/^<p>so <span class="katex"><math.*<\/math><\/span> is<\/p>$/s)
    expect(html('$$\\frac{a}{b}$$')).toContain('display="block"')
    expect(latex('so $a_i^2 + b$ is')).toBe('so $a_i^2 + b$ is')
    expect(latex('$$\n\\frac{a}{b}\n$$')).toBe('\\[\\frac{a}{b}\\]')
    expect(latex('*a* $x*y*z$ *b*')).toBe('\\emph{a} $x*y*z$ \\emph{b}')
  })
  it.each([
    '$5 and $6',
    'costs $ 3 $',
    '`$x$`',
    '\\$x$',
    '$\\input{secret}$',
    '$\\def\\a{b}$',
    '$a % b$',
    '$}x{$',
    '$\\href{javascript:x}{y}$'
  ])('are no other text: %j', (text) => {
    expect(html(text)).not.toContain('<math')
    expect(latex(text)).not.toMatch(/(?<!\\)\$|(?<!\\textbackslash\{\})\\(input|def|href)/)
  })
})
