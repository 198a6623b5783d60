"""After a real restoration: IT is led from the banner through the steps to the confirmation, on both screens."""

from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from provisioner.backup.making import make_backup
from provisioner.bootstrap import build
from provisioner.restore.restoring import restore
from tests.browser.conftest import Look, Serve
from tests.browser.desk import aside, clean_on_every_screen, sign_in
from tests.office import RealOffice, settings_of
from web.app import create_app


def test_a_restored_office_is_compared_and_confirmed(
    office: RealOffice, serve: Serve, page: Page, axe: Look, tmp_path: Path
) -> None:
    aside(lambda: office.new("handover"))
    written, _ = make_backup(office.core.context, tmp_path / "cadangan", "pengelola")
    settings = settings_of(tmp_path / "baru")
    keys = settings.path(settings.keys.file)
    keys.parent.mkdir(parents=True)
    keys.write_bytes(office.settings.path(office.settings.keys.file).read_bytes())
    keys.chmod(0o600)
    restore(settings, written.file, reason="Cakram rusak", by="pengelola", clock=office.clock)
    with closing(build(settings, office.clock)) as core:
        site = serve(create_app(core))
        sign_in(page, site, "it")
        banner = page.get_by_text("Dipulihkan dari cadangan. Tidak ada yang dikirim ke sistem")
        expect(banner).to_be_visible()
        clean_on_every_screen(page, axe)
        page.get_by_role("link", name="Lihat langkahnya").click()
        clean_on_every_screen(page, axe)
        page.get_by_role("button", name="Bandingkan sekarang").click()
        aside(core.heart.drain)
        page.reload()
        clean_on_every_screen(page, axe)
        page.get_by_role("button", name="Pastikan dan lanjutkan").click()
        expect(page.get_by_text("Centang ini sesudah memeriksanya.", exact=True)).to_be_visible()
        clean_on_every_screen(page, axe)
        page.get_by_label("Nomor-nomor sudah dicocokkan").check()
        page.get_by_role("button", name="Pastikan dan lanjutkan").click()
        expect(page.get_by_text("Sudah dipastikan oleh")).to_be_visible()
        expect(banner).not_to_be_visible()
        clean_on_every_screen(page, axe)
