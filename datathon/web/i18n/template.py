"""Every sentence of the interface in one file for translators: ``python -m datathon.web.i18n.template > de.po``.

The translated file, beside this module as <language>.po, is all that a further language needs.
"""

import sys

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from datathon.web.i18n import FOLDER


def template() -> Catalog:
    """Return the sentences of every French fragment, untranslated, in the order of their fragments.

    The fragments hold all sentences there are: a test compares them with the code and the templates.
    """
    merged = Catalog(project="datathon-platform", charset="utf-8", fuzzy=False)
    for path in sorted((FOLDER / "fr").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                if message.id:
                    merged.add(message.id, locations=[(path.name, 0)], context=message.context)
    return merged


if __name__ == "__main__":
    write_po(sys.stdout.buffer, template(), width=0)
