/// The frame that all pages share: one file, nothing loaded from anywhere, no scripts needed.
struct Page {
  /// The text of the window's title.
  var title: String
  /// A `header` element, and a `nav` element where there are sections to go to.
  var header: String
  /// `section` elements, from the top.
  var sections: [String]
  /// A sentence or two at the end.
  var footer: String

  /// The page: XHTML-style HTML, so that it can be read by any XML parser too.
  func html() -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>\(escaped(title))</title>
    <style>
    \(PageStyle.css)
    </style>
    </head>
    <body>
    \(header)
    <main>
    \(sections.joined(separator: "\n"))
    </main>
    <footer>\(footer)</footer>
    <script>\(PageStyle.script)</script>
    </body>
    </html>

    """
  }
}
