"""From an edition's facts to pages: wording, blocks, figures, notebooks, HTML and PDF."""
