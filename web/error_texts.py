"""The core's codes in words. Add a line for every new code; places in a sentence are filled from the error's data.

Sentences are Indonesian; catalogs translate them. A percent sign that is not a place is written twice.
"""

from flask_babel import LazyString

from web.catalog import later

REFUSALS: dict[str, LazyString] = {
    # The database itself
    "store-away": later("Basis data tidak menjawab. Langkah ini belum tersimpan."),
    "store-busy": later("Terlalu banyak yang bekerja pada saat yang sama. Langkah ini belum tersimpan."),
    "store-full": later(
        "Basis data sedang tidak dapat ditulisi (penuh, atau hanya dapat dibaca). Langkah ini belum tersimpan."
    ),
    "store-in-doubt": later(
        "Sambungan ke basis data putus tepat ketika langkah ini disimpan. Buka lagi halamannya dan lihat dahulu apakah "
        "langkah ini sudah tercatat, sebelum menekannya sekali lagi."
    ),
    # The SOP and its desks
    "own-request": later("Permohonan ini atas nama Anda sendiri. Pejabat lain yang memutuskannya."),
    "own-account": later("Ini akun Anda sendiri. Pejabat lain yang membuka atau memperbaruinya."),
    "second-step": later("Anda sudah mengambil langkah lain dalam permohonan ini. Langkah ini untuk pejabat lain."),
    "not-your-post": later("Ini wewenang %(posts)s."),
    "mandate-for-oneself": later("Penunjukan untuk diri sendiri dicatat oleh orang lain."),
    "mandate-beyond-secretary": later("Sekretaris hanya mencatat Plt. dan Plh. untuk pejabat yang memutus permohonan."),
    "code-by-deciding-official": later(
        "Kode pengganti untuk pemohon ini Anda sendiri yang memberikannya; pejabat lain yang memutus."
    ),
    "applicants-too-many": later("Satu surat memuat paling banyak %(limit)s pemohon."),
    "not-your-act": later("Hanya pejabat yang mengambil langkah itu yang dapat membatalkannya."),
    "already-followed": later("Meja berikutnya sudah menindaklanjuti; langkah ini tidak dapat dibatalkan lagi."),
    "nobody-left": later(
        "Semua pemohon pada surat ini sudah menarik permohonannya; tidak ada lagi yang dapat kembali ke meja Anda."
    ),
    "already-opened": later("Meja berikutnya sudah membukanya pada %(at)s, sehingga tidak dapat dibatalkan lagi."),
    "changed-meanwhile": later("Isinya berubah sejak Anda membuka halaman itu."),
    "letter-wrong-state": later("Surat ini sudah ditindaklanjuti dan tidak lagi berada di langkah itu."),
    "request-wrong-state": later("Permohonan ini sudah ditindaklanjuti dan tidak lagi berada di langkah itu."),
    "not-with-applicant": later("Permohonan ini tidak sedang berada pada pemohon, sehingga tidak dapat diubah."),
    "act-unknown": later("Tindakan itu tidak ditemukan."),
    "letter-unknown": later("Surat ini tidak ditemukan, atau bukan untuk Anda."),
    "box-unknown": later("Boks itu tidak ditemukan."),
    "box-invalid": later("Ada isian boks yang perlu diperbaiki."),
    "archive-destroyed": later(
        "Arsip ini sudah dimusnahkan karena masa simpannya habis (berita acara nomor %(number)s). "
        "Isinya tidak ada lagi."
    ),
    "destruction-unknown": later("Usulan pemusnahan itu tidak ditemukan."),
    "destruction-decided": later("Usulan ini sudah diputus atau ditarik."),
    "destruction-not-done": later("Berita acaranya dibuat sesudah pemusnahan selesai."),
    "destruction-not-due": later(
        "Ada berkas yang tidak (lagi) boleh dimusnahkan, atau sudah ada di usulan lain. Tidak ada yang dimusnahkan; "
        "buka lagi daftar masa simpan."
    ),
    "destruction-none": later("Belum ada berkas yang dipilih."),
    "destruction-invalid": later("Ada isian usulan yang perlu diperbaiki."),
    "own-proposal": later("Usulan ini Anda sendiri yang mengajukannya. Pejabat lain yang menyetujuinya."),
    "case-files-none": later("Belum ada permohonan yang dipilih untuk diarsipkan."),
    "request-unknown": later("Permohonan ini tidak ditemukan, atau bukan untuk Anda."),
    "person-has-account": later("Orang ini sudah mempunyai akun %(username)s."),
    "person-has-request": later("Orang ini masih mempunyai permohonan lain: %(number)s."),
    "letter-registered-already": later("Surat ini sudah tercatat dengan nomor agenda %(number)s."),
    "register-entry-unknown": later("Catatan itu tidak ada di buku agenda."),
    "register-entry-void": later("Catatan %(number)s sudah dicoret dan tidak dapat diubah lagi."),
    "register-invalid": later("Ada isian buku agenda yang perlu diperbaiki."),
    "register-number-missing": later("Tulis nomor agenda dari buku kantor."),
    "register-number-taken": later("Nomor ini sudah dipakai surat lain tahun ini."),
    "paper-dispositions-off": later("Kantor ini tidak mencatat disposisi dari kertas."),
    "own-desk-on-paper": later("Meja ini Anda sendiri yang memegangnya: disposisilah di halaman suratnya."),
    "sheets-none-chosen": later("Pilih sedikitnya satu surat."),
    "sheets-too-many": later("Terlalu banyak lembar sekaligus; paling banyak %(limit)s."),
    "sheet-code-unreadable": later("Kode QR di halaman %(page)s tidak terbaca. Pilih suratnya, lalu unggah lagi."),
    "sheet-not-waiting": later(
        "Surat di halaman %(page)s tidak sedang menunggu disposisi. Tidak ada yang disimpan; keluarkan halaman itu."
    ),
    "sheet-of-another-letter": later("Kode QR di lembar ini menunjuk surat lain. Kosongkan pilihan surat."),
    "sheet-unknown": later("Lembar itu tidak ada pada surat ini."),
    "sheet-used": later("Dari lembar ini sudah dicatat sebuah disposisi; pindaiannya harus tetap ada."),
    "decider-unknown": later("Pilih pejabat yang memegang meja ini."),
    "decision-unknown": later("Pilih apa yang diputuskan."),
    "letter-incomplete": later("Suratnya belum lengkap."),
    "letter-invalid": later("Ada isian surat yang perlu diperbaiki."),
    "bio-incomplete": later("Bio data belum lengkap."),
    "bio-too-long": later("Ada isian bio data yang terlalu panjang."),
    "reason-missing": later("Alasan wajib diisi."),
    "reason-too-long": later("Alasan terlalu panjang; paling banyak %(limit)s tanda."),
    "reason-unknown": later("Pilih alasan dari daftar."),
    "requested-action-unknown": later("Pilih isi disposisi dari daftar."),
    # Codes of the applicant
    "ticket-unknown": later("Kode pengambilan ini tidak dikenal."),
    "ticket-wrong": later("Kode pengambilan ini bukan milik permohonan ini."),
    "ticket-missing": later("Pemohon belum mempunyai kode pengambilan."),
    "ticket-exists": later("Pemohon masih mempunyai kode pengambilan yang berlaku."),
    "tracking-code-unknown": later("Kode lacak ini tidak dikenal."),
    "enrolment-code-unknown": later(
        "Kode pengganti ini tidak dikenal, sudah dipakai, sudah lewat waktunya, atau permohonannya sudah berakhir."
    ),
    "enrolment-unknown": later("Permintaan kode pengganti itu tidak ditemukan."),
    "enrolment-done": later("Permintaan kode pengganti ini sudah diselesaikan."),
    "same-official": later("Kode pengganti perlu disetujui pejabat kedua, bukan pejabat yang memintanya."),
    "check-code-wrong": later("Kode cocok tidak sama dengan yang tercatat."),
    "person-not-confirmed": later("Nyatakan dahulu bahwa orangnya sudah diperiksa langsung."),
    # Pacts
    "pact-unknown": later("Pakta ini tidak ditemukan."),
    "pact-wrong-state": later("Pakta ini sudah ditandatangani atau diganti."),
    "pact-not-viewed": later("Buka dan baca paktanya sebelum menandatangani."),
    "pact-made-by-other": later("Pakta ini dibuat pejabat lain, dan ia yang menandatanganinya."),
    "pact-not-due": later("Tidak ada pakta yang perlu ditandatangani lagi sekarang."),
    "pact-not-in-ink": later("Kantor ini tidak menandatangani pakta di atas kertas."),
    "pact-scan-final": later("Pindaian pakta ini sudah dipastikan dan tidak dapat diganti lagi."),
    "ink-not-seen": later("Nyatakan setiap hal yang Anda lihat. Bila ada yang tidak benar, jangan pastikan pakta ini."),
    "pact-in-ink": later("Kantor ini menandatangani pakta di atas kertas."),
    "suspended-for-pact": later(
        "Akun ini dibekukan karena paktanya belum ditandatangani lagi. Beri operatornya waktu untuk menandatangani."
    ),
    "pacts-to-sign": later("Pilih sedikitnya satu pakta, paling banyak %(limit)s."),
    "timestamp-unavailable": later(
        "Layanan stempel waktu tidak memberi stempel waktu yang dapat dipakai. Tidak ada yang ditandatangani. Coba lagi"
        " beberapa saat lagi; bila tetap begitu, beri tahu TI kantor."
    ),
    "token-unavailable": later(
        "Token yang menyimpan kunci penerbit tanda tangan tidak dapat dipakai. Tidak ada yang ditandatangani. Coba lagi"
        " sesudah TI kantor memeriksa tokennya."
    ),
    "signature-wrong-document": later(
        "Pakta ini dibuat dengan naskah, tata letak, atau cara tanda tangan yang lain. Buat ulang paktanya, lalu"
        " tanda tangani yang baru."
    ),
    "signature-document-changed": later("Pakta ini berubah sejak ditandatangani pemohon. Buat ulang paktanya."),
    "bsre-typed": later("NIK atau frasa sandi belum benar. Tidak ada yang ditandatangani."),
    "not-your-nik": later("NIK ini bukan NIK yang tercatat untuk akun pejabat Anda."),
    "official-without-nik": later("NIK Anda belum tercatat pada akun pejabat. Minta TI kantor mencatatnya."),
    "bsre-unreachable": later(
        "Layanan BSrE tidak menjawab. Pakta belum ditandatangani di sini; coba lagi beberapa saat lagi."
    ),
    "bsre-credentials": later(
        "Layanan BSrE tidak mengenali aplikasi ini. Tidak ada yang ditandatangani. Beri tahu TI kantor."
    ),
    "bsre-passphrase": later(
        "Frasa sandi BSrE salah. Pakta ini tidak ditandatangani, dan pakta berikutnya tidak dicoba dengan frasa itu."
    ),
    "bsre-not-registered": later("NIK Anda belum terdaftar di BSrE. Tidak ada yang ditandatangani."),
    "bsre-certificate": later(
        "Sertifikat BSrE Anda tidak dapat dipakai menandatangani (status %(state)s). Urus dahulu di BSrE."
    ),
    "bsre-refused": later(
        "BSrE menolak menandatangani (jawaban %(answer)s). Pakta tetap seperti semula; coba lagi, atau beri tahu TI"
        " kantor."
    ),
    "bsre-answer-lost": later(
        "Jawaban BSrE terputus di tengah jalan. Pakta di sini tetap belum ditandatangani; tanda tangani sekali lagi."
    ),
    "bsre-answer-wrong": later(
        "Berkas yang dikembalikan layanan BSrE bukan pakta ini dengan satu tanda tangan yang benar, sehingga ditolak."
        " Pakta tetap seperti semula. Beri tahu TI kantor."
    ),
    "authority-expired": later(
        "Sertifikat penerbit tanda tangan sudah terlalu tua untuk tanda tangan baru. Beri tahu TI kantor."
    ),
    "mandate-ended": later("Penugasan yang menjadi dasar pakta ini sudah berakhir. Pakta harus dibuat ulang."),
    "valid-until-past": later("Masa berlaku sudah lewat."),
    "upload-size": later("Berkas kosong atau terlalu besar."),
    "unprintable-text": later("Ada tanda yang tidak dapat dicetak pada surat: %(characters)s."),
    # User names and accounts
    "no-username-free": later("Tidak ada nama pengguna yang masih bebas menurut pola kantor. Ketik nama lain."),
    "username-taken": later("Nama pengguna ini sudah dipakai atau pernah dipakai."),
    "username-taken-in-target": later("Nama pengguna %(username)s sudah ada di %(target)s."),
    "username-invalid": later("Nama pengguna ini tidak dapat dipakai."),
    "account-wrong-state": later("Akun ini sudah ditindaklanjuti dan keadaannya tidak lagi memungkinkan itu."),
    "link-unknown": later("Sistem itu tidak ditemukan untuk akun ini."),
    # Files
    "paper-unknown": later("Dokumen ini tidak ditemukan."),
    "number-awaited": later("Surat ini menunggu nomor surat keluar dari buku agenda kantor."),
    "sample-empty": later("Tidak ada permohonan yang selesai dalam masa itu: tidak ada berkas. Pilih masa lain."),
    "scan-is-the-paper": later("Suratnya sudah dipindai; pindaian itulah dokumennya. Buka pada Surat dan lampiran."),
    "sent-already": later("Surat ini sudah dikirim; yang berlaku adalah yang dikirim itu."),
    "bio-not-frozen": later("Form bio data masih dapat diubah pemohon; dokumennya ada sesudah disposisi."),
    "not-decided-yet": later("Permohonan ini belum dijawab."),
    "nothing-handed-over": later("Amplop akun ini belum dibuka, jadi belum ada yang diserahterimakan."),
    "attachment-unknown": later("Lampiran ini tidak ditemukan."),
    "attachment-kind-unknown": later("Pilih jenis lampiran dari daftar."),
    "attachments-too-many": later("Terlalu banyak berkas; paling banyak %(limit)s."),
    # Officials
    "official-unknown": later("Pejabat ini tidak ditemukan."),
    "own-password-set": later(
        "%(username)s sudah memilih kata sandinya sendiri, dan kata sandi itu tetap berlaku. Bila ia kehilangan kata "
        "sandinya, reset dahulu cara masuknya; amplop yang lama sudah tidak berlaku."
    ),
    "official-not-let-in": later(
        "Akun %(username)s dibekukan atau sudah lewat hari terakhirnya, sehingga amplopnya tidak ada gunanya. Tidak "
        "ada yang berubah. Aktifkan atau perpanjang dahulu akunnya."
    ),
    "official-exists": later("Nama pengguna pejabat %(username)s sudah ada."),
    "official-invalid": later("Ada isian yang perlu diperbaiki."),
    "mandate-unknown": later("Penugasan ini tidak ditemukan atau sudah berakhir."),
    "mandate-invalid": later("Ada isian penugasan yang perlu diperbaiki."),
    # Accounts that were there before
    "recorded-unknown": later("Akun tercatat itu tidak ditemukan."),
    "recorded-list-unknown": later("Daftar itu tidak ditemukan."),
    "recorded-wrong-state": later("Akun ini sudah ditindaklanjuti dan tidak lagi menunggu paktanya."),
    "recorded-list-decided": later("Daftar ini sudah diputus atau sudah ditarik, sehingga tidak dapat ditarik lagi."),
    "recorded-list-empty": later("Tidak ada lagi akun di daftar ini yang perlu dimintakan keputusan."),
    "recorded-other-person": later("Akun %(username)s tercatat atas NIK lain daripada yang diisi di bio data."),
    "recorded-entry-gone": later("Akun %(username)s yang tercatat tidak ada lagi di %(target)s, atau sudah berganti."),
    "person-recorded": later("Orang ini tercatat sebagai pemilik akun %(username)s. Pakai permohonan dari daftarnya."),
    "target-cannot-adopt": later("Akun di %(target)s hanya dapat dicatat, belum dapat diambil ke dalam pengelolaan."),
    "target-silent": later("%(target)s tidak menjawab. Tidak ada yang dicatat; coba lagi sebentar."),
    "pact-by-past": later("Batas waktu pakta sudah lewat."),
    "list-rows-wrong": later("%(count)s baris tidak dapat dicatat. Perbaiki daftarnya, atau catat yang benar saja."),
    # Signing in
    "wrong-credentials": later("Nama pengguna atau kata sandi salah."),
    "wrong-second-factor": later("Kode verifikasi salah atau sudah dipakai. Tunggu kode yang berikutnya."),
    "second-factor-exists": later("Verifikasi dua langkah sudah terpasang."),
    "password-refused": later("Kata sandi baru belum memenuhi aturan."),
    "locked-out": later("Terlalu banyak percobaan yang salah. Coba lagi sesudah %(until)s."),
    "too-many-tries": later("Terlalu banyak percobaan dari jaringan ini. Coba lagi sesudah %(until)s."),
    # Accounts, files, cards, envelopes
    "account-unknown": later("Akun ini tidak ditemukan."),
    "account-not-open": later("Akun ini tidak sedang dapat dipakai."),
    "link-not-failed": later("Sistem ini tidak sedang gagal; tidak ada yang perlu dicoba lagi."),
    "attachment-damaged": later("Berkas ini rusak dan tidak dapat dibuka."),
    "attachment-empty": later("Berkas ini kosong."),
    "attachment-missing": later("Pilih berkas lebih dahulu."),
    "attachment-encrypted": later("PDF ini dikunci dengan kata sandi. Simpan ulang tanpa kata sandi."),
    "attachment-heic": later("Foto HEIC belum dapat dibaca. Simpan dahulu sebagai JPEG."),
    "attachment-type": later("Hanya foto (JPEG, PNG, WebP) atau PDF yang diterima."),
    "attachment-too-large": later("Berkas terlalu besar; paling besar %(limit_mib)s MB."),
    "attachment-too-many-files": later("Terlalu banyak berkas; paling banyak %(limit)s."),
    "attachment-too-many-pages": later("Terlalu banyak halaman; paling banyak %(limit)s."),
    "attachment-script": later("PDF ini memuat program. Cetak ulang dokumennya menjadi PDF, atau kirim fotonya."),
    "attachment-action": later(
        "PDF ini memuat perintah yang berjalan sendiri. Cetak ulang dokumennya menjadi PDF, atau kirim fotonya."
    ),
    "attachment-embedded": later("PDF ini memuat berkas lain di dalamnya. Kirim setiap dokumen tersendiri."),
    "attachment-too-many-pixels": later("Foto terlalu besar; paling besar %(megapixels)s megapiksel."),
    "restore-held": later(
        "Aplikasi baru dipulihkan dari cadangan, dan perbandingan dengan sistem belum dipastikan. "
        "Tidak ada yang hilang karenanya; coba lagi sesudah petugas TI memastikannya."
    ),
    "restore-not-held": later("Tidak ada pemulihan yang menunggu dipastikan."),
    "restore-not-compared": later("Ada sistem yang belum dibandingkan sejak pemulihan: %(systems)s."),
    "series-unknown": later("Pilih deret nomornya."),
    "restore-not-empty": later("Basis data itu sudah memuat sebuah kantor. Tidak ada yang diubah."),
    "restore-in-use": later("Basis data itu sedang dipakai. Hentikan semua proses aplikasi; tidak ada yang diubah."),
    "restore-reason-missing": later("Sebutkan alasan pemulihannya."),
    "backup-exists": later("Sudah ada berkas cadangan dengan nama itu."),
    "backup-schema-old": later("Susunan basis data lebih lama daripada aplikasi. Jalankan provisioner init dahulu."),
    "backup-unreadable": later("Berkas itu bukan cadangan aplikasi ini."),
    "backup-newer-format": later("Cadangan itu dibuat oleh versi aplikasi yang lebih baru."),
    "backup-newer-release": later("Cadangan itu dibuat oleh versi aplikasi yang lebih baru (%(release)s)."),
    "backup-broken": later("Cadangan itu terpotong atau diubah. Tidak ada yang dipulihkan; pakai cadangan lain."),
    "backup-incomplete": later("Cadangan itu terpotong. Tidak ada yang dipulihkan; pakai cadangan lain."),
    "backup-forged": later("Cadangan itu tidak ditulis dengan kunci kantor ini."),
    "backup-keys-wrong": later("Kunci yang terpasang bukan kunci untuk cadangan itu."),
    "backup-keys-missing": later("Cadangan itu memerlukan kunci yang tidak ada di sini: %(keys)s."),
    "backup-encrypted": later("Cadangan itu terenkripsi; kunci rahasianya diperlukan."),
    "backup-identity-unreadable": later("Di sana tidak ada kunci rahasia cadangan."),
    "backup-identity-wrong": later("Kunci rahasia itu tidak membuka cadangan ini."),
    "reconciliation-running": later("Sistem itu sedang diperiksa. Tunggu sampai selesai."),
    "reconciliation-lost": later("Pemeriksaan itu sudah dianggap terputus. Mulai lagi."),
    "reconciliation-outdated": later("Sudah ada pemeriksaan yang lebih baru. Lihat hasilnya dahulu."),
    "target-not-readable": later("Sistem itu tidak dapat dibaca oleh aplikasi."),
    "target-unknown": later("Sistem itu tidak ada dalam pengaturan."),
    "target-paused": later("Pengiriman ke sistem itu dihentikan sementara. TI melanjutkannya lebih dahulu."),
    "target-not-paused": later("Pengiriman ke sistem itu tidak sedang dihentikan."),
    "issued-password-refused": later(
        "%(target)s akan menolak setiap kata sandi awal: aturannya tidak dapat dipenuhi. Permohonan belum disetujui;"
        " TI melihat aturannya di halaman Sistem."
    ),
    "run-unknown": later("Pemeriksaan itu tidak ditemukan."),
    "finding-unknown": later("Temuan itu sudah tidak ada. Lihat pemeriksaan yang terakhir."),
    "finding-not-repairable": later("Temuan itu tidak dapat diperbaiki dari sini."),
    "finding-not-closable": later("Temuan itu tidak dapat ditutup dari sini."),
    "card-unknown": later("Kartu tugas ini tidak ditemukan."),
    "card-done": later("Kartu tugas ini sudah diselesaikan."),
    "help-overtaken": later("Permintaan bantuan ini sudah ditutup: tidak ada lagi yang perlu dibantu."),
    "card-superseded": later("Kartu tugas ini sudah diganti dengan yang lebih baru."),
    "card-needs-password": later("Isi kata sandi awal dari sistem itu."),
    "evidence-required": later("Tulis satu kalimat bukti, atau lampirkan tangkapan layar."),
    "target-takes-no-list": later("Sistem itu dibaca oleh aplikasi sendiri; daftar tidak diperlukan."),
    "list-empty": later("Daftar ini kosong."),
    "list-no-rows": later("Daftar ini hanya memuat judul kolom."),
    "list-too-large": later("Daftar terlalu besar; paling besar %(limit_mib)s MB."),
    "list-type": later("Hanya CSV, XLSX, atau teks yang diterima."),
    "list-old-excel": later("Ini berkas Excel lama (.xls). Simpan ulang sebagai XLSX atau CSV."),
    "list-damaged": later("Lembar kerja ini rusak dan tidak dapat dibuka. Simpan ulang sebagai XLSX atau CSV."),
    "list-encoding": later("Tulisan dalam berkas ini tidak dapat dibaca. Simpan ulang sebagai CSV UTF-8."),
    "list-quotes": later("Baris %(line)s: ada tanda kutip yang tidak ditutup."),
    "list-too-many-rows": later("Terlalu banyak baris; paling banyak %(limit)s."),
    "list-too-many-columns": later("Baris %(line)s: terlalu banyak kolom; paling banyak %(limit)s."),
    "list-header-missing": later("Baris %(line)s: tulis dahulu judul kolomnya, misalnya Nama pengguna."),
    "list-column-unknown": later("Baris %(line)s: kolom %(column)s tidak dikenal. Hapus kolom itu, lalu coba lagi."),
    "list-column-twice": later("Baris %(line)s: kolom %(column)s ada dua kali."),
    "list-column-missing": later("Baris %(line)s: kolom %(column)s tidak ada."),
    "list-rows": later("Ada %(count)s isian yang tidak dapat diterima. Tidak ada yang disimpan."),
    "card-takes-no-password": later("Kartu tugas ini tidak menerima kata sandi."),
    "no-ticket": later("Pemohon belum mempunyai kode pengambilan. Terbitkan kode pengganti lebih dahulu."),
    "envelope-not-ready": later("Amplop belum siap dibuka. Akun masih dikerjakan di salah satu sistem."),
    "envelope-closed": later("Amplop belum dibuka. Bukalah dengan kode pengambilan Anda."),
    "session-of-another": later("Peramban ini sedang dipakai untuk permohonan lain. Ketik kode pengambilan Anda lagi."),
    "alarm-unknown": later("Peringatan ini tidak ditemukan."),
    "alarm-examined": later("Peringatan ini sudah diperiksa."),
    "envelope-lapsed": later("Amplop tidak dibuka sampai batas waktunya. Mintalah kata sandi awal yang baru."),
    "envelope-opened-before": later(
        "Amplop ini sudah dibuka pada %(at)s. Bila bukan oleh Anda, segera hubungi kantor."
    ),
    "envelope-used": later("Amplop ini sudah dibuka dan isinya sudah dimusnahkan."),
    "kind-unknown": later("Pilih jenis bantuan dari daftar."),
    "not-sent-yet": later("Permohonan ini belum diajukan."),
    "official-suspended": later("Pejabat ini sedang dibekukan."),
    "old-password-wrong": later("Kata sandi lama salah."),
    "password-being-reset": later("Kata sandi akun ini sedang direset oleh kantor."),
    "password-change-in-doubt": later(
        "Belum pasti kata sandi baru diterima. Masuk dengan yang baru; bila tidak bisa, dengan yang lama."
    ),
    "session-over": later("Sesi Anda sudah berakhir. Masuk lagi."),
    "sign-in-failed": later("Nama pengguna atau kata sandi salah."),
    "sign-in-unavailable": later("Sistem untuk memeriksa kata sandi sedang tidak dapat dihubungi. Coba lagi sebentar."),
    "runner-already-running": later("Aplikasi ini sudah berjalan di tempat lain."),
    "runner-elsewhere": later("Komputer lain sudah bekerja untuk kantor ini."),
    # Seals and keys
    "seal-broken": later("Data ini tidak dapat dibuka dengan kunci yang ada."),
    "seal-key-unknown": later("Data ini disegel dengan kunci yang tidak ada di sini."),
    "slip-broken": later("Amplop ini tidak dapat dibuka dengan kode tersebut."),
    "public-key": later("Kunci kode pengambilan rusak."),
    "key-in-use": later("Kunci ini masih dipakai."),
    "key-still-seals": later("Masih ada data yang disegel dengan kunci ini."),
    "key-too-new": later("Kunci yang baru belum cukup lama dipakai. Tunggu beberapa menit."),
    "key-unknown": later("Kunci ini tidak dikenal."),
    "configuration": later("Salah satu berkas pengaturan tidak dapat dipakai."),
    "invalid-input": later("Isian ini tidak dapat diterima."),
}
"""A sentence for each refusal."""

FIELDS: dict[str, LazyString] = {
    "required": later("Wajib diisi."),
    "case-none": later("Pilih sedikitnya satu berkas yang dapat diusulkan."),
    "missing": later("Wajib diisi."),
    "unknown": later("Pilih dari daftar."),
    "unknown-choice": later("Pilih dari daftar."),
    "duplicate": later("Sudah ada di baris lain."),
    "ambiguous-choice": later("Lebih dari satu yang bernama begitu. Tulis kodenya."),
    "username-space": later("Nama pengguna tidak boleh berspasi."),
    "recorded-name": later("Nama pengguna akun yang tercatat tidak diubah."),
    "recorded-target": later("Akun di sistem itu belum dapat diambil ke dalam pengelolaan."),
    "malformed": later("Bentuknya tidak dikenal."),
    "wrong": later("Tidak cocok."),
    "past": later("Tanggalnya sudah lewat."),
    "size": later("Berkas kosong atau terlalu besar."),
    "too-long": later("Terlalu panjang."),
    "too-short": later("Terlalu pendek."),
    "control-character": later("Ada tanda yang tidak dapat dibaca. Ketik ulang."),
    "day-to-come": later("Hari itu belum tiba."),
    "sample-count": later("Tulis jumlah dari 1 sampai 200."),
    "sample-seed": later("Tulis benih, paling panjang 100 tanda."),
    "days-out-of-range": later("Tulis jumlah hari dari 1 sampai 3650."),
    "auditor-without-end": later("Akun auditor harus mempunyai hari terakhir."),
    "auditor-end-far": later("Terlalu jauh untuk akun auditor. Pilih hari yang lebih dekat; kelak dapat diperpanjang."),
    "before-start": later("Lebih awal dari tanggal mulainya."),
    "date-malformed": later("Tulis tanggal seperti 1 Juni 2019 atau 01-06-2019."),
    "date-format": later("Tulis tanggal seperti 1 Juni 2019 atau 01-06-2019."),
    "date-range": later("Tanggal ini tidak mungkin."),
    "date-in-future": later("Tanggal ini belum tiba."),
    "date-too-old": later("Tanggal ini terlalu lama berlalu."),
    "nik-digits": later("NIK hanya berisi angka."),
    "nik-length": later("NIK terdiri atas 16 angka."),
    "nik-date": later("Tanggal lahir di dalam NIK tidak mungkin. Periksa angka ke-7 sampai ke-12."),
    "nik-serial": later("Empat angka terakhir NIK tidak mungkin 0000."),
    "nik-birth-date": later("Tanggal lahir di dalam NIK berbeda dari tanggal lahir yang diisi."),
    "nik-sex": later("Jenis kelamin menurut NIK berbeda dari yang diisi."),
    "nik-region": later("NIK ini diterbitkan di luar wilayah kota."),
    "staff-number-digits": later("NIP atau NI PPPK hanya berisi angka."),
    "staff-number-length": later("NIP atau NI PPPK terdiri atas 18 angka."),
    "staff-number-birth-date": later("Tanggal lahir di dalam nomor ini berbeda dari yang diisi."),
    "staff-number-sex": later("Jenis kelamin di dalam nomor ini berbeda dari yang diisi."),
    "staff-number-month": later("Bulan pengangkatan di dalam NIP (angka ke-13 dan ke-14) tidak mungkin."),
    "staff-number-ignored": later("Nomor ini tidak dipakai untuk status kepegawaian yang dipilih."),
    "name-characters": later("Nama hanya berisi huruf, spasi, titik, tanda petik tunggal, dan tanda hubung."),
    "name-has-title": later("Sepertinya ada gelar di dalam nama. Gelar ditulis pada isian sendiri."),
    "title-characters": later("Gelar hanya berisi huruf, titik, koma, dan spasi."),
    "phone-invalid": later("Nomor HP tidak dikenal. Contoh: 0812 3456 7890."),
    "mail-invalid": later("Alamat surel tidak dikenal. Contoh: nama@mojokertokota.go.id."),
    "mail-not-official": later("Ini bukan surel dinas (.go.id)."),
    "birth-date-too-young": later("Menurut tanggal lahir, orang ini masih sangat muda."),
    "region-level": later("Wilayah ini tidak sesuai dengan peran yang diminta."),
    "username-too-short": later("Nama pengguna terlalu pendek."),
    "username-too-long": later("Nama pengguna terlalu panjang untuk salah satu sistem."),
    "username-characters": later("Nama pengguna hanya berisi huruf kecil, angka, titik, dan tanda hubung."),
    "username-only-digits": later("Nama pengguna tidak boleh hanya angka."),
    "username-reserved": later("Nama ini dicadangkan untuk sistem."),
    "taken-here": later("Nama pengguna ini sudah dipakai atau pernah dipakai."),
    "no-candidate": later("Pola kantor tidak menghasilkan nama yang dapat dipakai. Ketik nama lain."),
    "contains-username": later("Kata sandi memuat nama pengguna."),
    "contains-name": later("Kata sandi memuat nama Anda."),
    "common": later("Kata sandi ini terlalu umum dan mudah ditebak."),
    "applicants-count": later("Tulis jumlah dari 1 sampai 20."),
    "not-the-same": later("Berbeda dari yang di atas."),
    "same-as-old": later("Kata sandi baru sama dengan yang lama."),
    "in-history": later("Kata sandi ini pernah dipakai. Pilih yang lain."),
    "quality": later("Sistem tempat akun ini berada menganggap kata sandi ini terlalu lemah."),
    "too-young": later("Kata sandi baru saja diganti. Sistem meminta Anda menunggu sebelum menggantinya lagi."),
    "other": later("Sistem tempat akun ini berada menolak kata sandi ini. Pilih yang lain."),
    "number-not-later": later("Tulis nomor yang lebih besar daripada nomor yang akan diberikan berikutnya."),
    "must-be-confirmed": later("Centang ini sesudah memeriksanya."),
    "code-empty": later("Kode wajib diisi."),
    "code-length": later("Panjang kode tidak sesuai: ada %(found)s tanda, seharusnya %(expected)s."),
    "code-character": later("Tanda ke-%(position)s tidak dipakai dalam kode."),
    "code-checksum": later("Ada tanda yang salah ketik di dalam kode."),
}
"""What is wrong, or odd, with one field."""

RULES: dict[str, LazyString] = {
    "min-length": later("Sedikitnya %(count)s tanda; beberapa kata lebih baik daripada satu kata rumit."),
    "max-length": later("Paling banyak %(count)s tanda."),
    "not-name": later("Tidak memuat nama atau nama pengguna Anda."),
    "not-common": later("Bukan kata sandi yang umum dipakai."),
    "not-old": later("Tidak sama dengan kata sandi lama."),
}
"""Rules for a new password, shown before typing."""

TEXTS: dict[str, LazyString] = REFUSALS | FIELDS
