"""The people of the SOP at their browsers: what each of them does, page by page, as they would do it."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page

from tests.browser.service import Service

PATIENCE_MS = 60_000
WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 780}
NEXT = "Simpan dan lanjut"
LETTER = {"sender": "Camat Magersari", "number": "800/112/417.602/2026", "letter_date": "2026-01-05"}
BIO = (
    {
        "full_name": "Dewi Lestari Handayani",
        "title_suffix": "A.Md.",
        "nik": "3576025704910003",
        "birth_place": "Mojokerto",
        "birth_date": "1991-04-17",
    },
    {
        "staff_number": "19910417 201503 2 004",
        "rank": "Penata Muda (III/a)",
        "position": "Pengelola Data",
        "org_unit": "Kecamatan Magersari",
        "supervisor": "Camat Magersari",
        "assignment_order": "800/111/417.602/2026",
        "assignment_order_date": "2026-01-05",
    },
    {"address": "Jalan Empu Nala 12, Mojokerto", "phone": "0812 3456 7890", "mail": "dewi@mojokertokota.go.id"},
    {"reason": "Pelayanan pendaftaran penduduk di kecamatan"},
)


@dataclass
class Journey:
    """One request on its way. Every person has a browser window of their own."""

    service: Service
    browser: Browser
    ticket: str = field(default="", repr=False)
    check_code: str = ""
    request_page: str = ""
    username: str = ""
    initial_password: str = field(default="", repr=False)
    windows: list[Page] = field(default_factory=list)

    def window(self, viewport: dict[str, int]) -> Page:
        """A new person's browser."""
        context = self.browser.new_context(viewport=viewport, locale="id-ID")  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        self.windows.append(page)
        return page

    def close(self) -> None:
        """Close every window."""
        for page in self.windows:
            page.context.close()

    def official(self, name: str) -> Page:
        """An official signs in with the first password that was printed."""
        page = self.window(WIDE)
        page.goto(f"{self.service.address}/masuk")
        page.fill("[name=username]", name)
        page.fill("[name=password]", self.service.passwords[name])
        page.get_by_role("button", name="Masuk", exact=True).click()
        page.wait_for_url(re.compile(r"/kotak-masuk/|/akun|/jejak"))
        return page

    def apply(self, page: Page) -> None:
        """Step 1: keep the ticket, write the letter, fill the bio form, send."""
        page.goto(f"{self.service.address}/ajukan/")
        page.get_by_role("button", name="Mulai permohonan").click()
        kept = page.get_by_label("Kode pengambilan sudah saya simpan")
        kept.wait_for()
        found = re.search(r"\w{5}(?:-\w{5}){5}", page.inner_text("main"))
        assert found is not None
        self.ticket = found[0]
        kept.check()
        page.get_by_role("button", name="Lanjutkan ke permohonan").click()
        page.get_by_role("link", name="Mulai mengisi").click()
        self._fill(page, LETTER, NEXT)
        page.get_by_label("Perempuan").check()
        self._fill(page, BIO[0], NEXT)
        page.select_option("[name=employment_status]", "pns")
        self._fill(page, BIO[1], NEXT)
        self._fill(page, BIO[2], NEXT)
        page.select_option("[name=role]", "OPERATOR_DAFDUK")
        page.select_option("[name=region_scope]", "35.76.02")
        self._fill(page, BIO[3], "Simpan")
        page.get_by_role("link", name="Lanjut: periksa dan kirim").click()
        page.get_by_role("button", name="Ajukan permohonan").click()
        page.get_by_text("Permohonan sudah dikirim").wait_for()
        code = re.search(r"Kode cocok\s+(\w{4}-\w{4})", page.inner_text("main"))
        assert code is not None
        self.check_code = code[1]

    def dispose(self, page: Page) -> None:
        """Steps 2 and 3: open the letter in the inbox and forward it."""
        page.get_by_role("link", name=LETTER["number"]).first.click()
        page.fill("[name=note]", "Mohon ditindaklanjuti sesuai ketentuan.")
        page.get_by_role("button", name=re.compile("^Teruskan kepada")).click()
        page.get_by_text("Disposisi tercatat").wait_for()

    def approve(self, page: Page) -> None:
        """Step 4: confirm person and check code, take the offered user name, make the pact."""
        page.get_by_role("link", name=re.compile("Dewi Lestari")).first.click()
        page.wait_for_url(re.compile("/permohonan/"))
        self.request_page = page.url
        self.username = page.input_value("[name=username]")
        page.fill("[name=check_code]", self.check_code)
        page.check("[name=person_confirmed]")
        page.get_by_role("button", name="Setujui dan buat pakta").click()
        page.get_by_text("menunggu tanda tangan pemohon").first.wait_for()

    def sign_as_applicant(self, page: Page) -> None:
        """Step 4: the applicant comes back, reads and signs with the ticket."""
        page.goto(f"{self.service.address}/ajukan/saya/")
        page.check("[name=dibaca]")
        page.fill("[name=kode]", self.ticket)
        page.get_by_role("button", name="Tandatangani pakta").click()
        page.get_by_role("heading", name="Menunggu tanda tangan").wait_for()

    def sign_as_section_head(self, page: Page) -> None:
        """Step 4: the section head reads the pact and signs, typing the password again."""
        page.goto(f"{self.service.address}/pakta/")
        document = page.get_by_role("link", name=re.compile("^Baca pakta")).get_attribute("href")
        answer = page.request.get(f"{self.service.address}{document}")
        assert answer.headers["content-type"] == "application/pdf"
        page.reload()
        page.check("[name=pact]")
        page.fill("[name=password]", self.service.passwords["kasi"])
        page.get_by_role("button", name="Tanda tangani").click()
        page.get_by_text("Pakta ditandatangani").wait_for()

    def collect(self, page: Page) -> None:
        """Step 6: open the envelope with the ticket."""
        page.goto(f"{self.service.address}/ambil-akun")
        page.fill("[name=kode]", self.ticket)
        page.get_by_role("button", name="Periksa amplop").click()
        page.get_by_role("button", name="Buka amplop sekarang").click()
        page.wait_for_url(re.compile("/ambil-akun/isi"))
        found = re.search(r"\w{4}(?:-\w{4}){4}", page.inner_text("main"))
        assert found is not None
        self.initial_password = found[0]

    def sign_in(self, page: Page, password: str) -> None:
        """The operator signs in."""
        page.goto(f"{self.service.address}/akun-saya/masuk")
        page.fill("[name=username]", self.username)
        page.fill("[name=password]", password)
        page.get_by_role("button", name="Masuk", exact=True).click()

    def _fill(self, page: Page, values: dict[str, str], button: str) -> None:
        for name, value in values.items():
            page.fill(f"[name={name}]", value)
        before = page.url
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_url(lambda address: address != before)
